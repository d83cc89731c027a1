package dev.whetstone.models.engine.hub.remote;

import com.fasterxml.jackson.databind.JsonNode;
import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.SurroundingsException;
import dev.whetstone.artifacts.model.HubReference;
import dev.whetstone.models.engine.hub.remote.HubHttp.Call;
import java.net.URI;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The API of ModelScope, which wraps every answer as {@code {"Code": 200, "Data": ...}}. Shapes:
 * modelscope_hub, {@code _legacy_api.py} (list of files, create, batch, commit), {@code _upload.py}
 * (which files are LFS, operations of a commit), at commit 26921de.
 *
 * <p>It names no commit for a branch. What is recorded as one is the newest commit among those that
 * the list names for its files; the list's SHA-256 of every file pins the contents.
 */
final class ModelScopeApi implements HubApi {
  /** Larger files go by LFS whatever their name ({@code UPLOAD_LFS_ENFORCE_THRESHOLD}). */
  private static final long MAX_PLAIN_BYTES = 1 << 20;

  /** {@code MODEL_LFS_SUFFIX}, as far as model and adapter folders hold such files. */
  private static final Set<String> LFS_SUFFIXES =
      Set.of(
          ".7z",
          ".arrow",
          ".bin",
          ".bz2",
          ".gz",
          ".h5",
          ".model",
          ".msgpack",
          ".npy",
          ".npz",
          ".onnx",
          ".parquet",
          ".safetensors",
          ".tar",
          ".tflite",
          ".tgz",
          ".xz",
          ".zip",
          ".zst");

  private static final int PRIVATE = 1;
  private static final int PUBLIC = 5;

  private final HubHttp http;
  private final HubEndpoint endpoint;

  ModelScopeApi(HubHttp http) {
    this.http = http;
    this.endpoint = http.endpoint();
  }

  private Call list(HubReference repository) {
    return Call.get(
        endpoint.at(
            "/api/v1/models/%s/repo/files?Revision=%s&Recursive=True"
                .formatted(
                    repository.repository(), HubEndpoint.encoded(repository.revisionOrMain()))));
  }

  @Override
  public Snapshot snapshot(HubReference repository) {
    return snapshot(repository, data(repository, list(repository)));
  }

  @Override
  public Optional<Snapshot> find(HubReference repository) {
    Call call = Call.get(endpoint.at("/api/v1/models/" + repository.repository()));
    boolean isThere =
        http.patiently(
            call,
            answer -> {
              if (answer.status() == 404) {
                return false;
              }
              if (!answer.isGood()) {
                throw refusals(repository).of(answer, call);
              }
              return http.parsed(answer).path("Code").asInt() == 200;
            });
    if (!isThere) {
      return Optional.empty();
    }
    Call list = list(repository);
    return http.patiently(
        list,
        answer ->
            answer.isGood()
                ? Optional.of(
                    snapshotOrEmpty(repository, unwrapped(repository, http.parsed(answer))))
                // A repository without a commit has no list.
                : Optional.of(new Snapshot("0".repeat(40), List.of(), Optional.empty())));
  }

  private Snapshot snapshotOrEmpty(HubReference repository, JsonNode data) {
    return data.path("Files").findValuesAsText("Type").stream().allMatch("tree"::equals)
        ? new Snapshot("0".repeat(40), List.of(), Optional.empty())
        : snapshot(repository, data);
  }

  private Snapshot snapshot(HubReference repository, JsonNode data) {
    var files = new ArrayList<HubFile>();
    String commit = "";
    long newest = Long.MIN_VALUE;
    for (JsonNode file : data.path("Files")) {
      if (file.path("Type").asText("blob").equals("tree")) {
        continue;
      }
      long date = file.path("CommittedDate").asLong();
      String revision = file.path("Revision").asText();
      // By name where two commits share a second, so that the same list names the same commit.
      if (HubReference.isCommit(revision)
          && (date > newest || (date == newest && revision.compareTo(commit) > 0))) {
        newest = date;
        commit = revision;
      }
      files.add(
          new HubFile(
              file.path("Path").asText(),
              Math.max(0, file.path("Size").asLong()),
              HuggingFaceApi.text(file.path("Sha256")),
              Optional.empty()));
    }
    if (commit.isEmpty()) {
      throw new SurroundingsException(
          "%s: expected \"Files\" with a \"Revision\" each from %s, found none; is it a hub's endpoint?"
              .formatted(repository, endpoint.base()));
    }
    String asked = repository.revisionOrMain();
    return new Snapshot(HubReference.isCommit(asked) ? asked : commit, files, Optional.empty());
  }

  private Refusals refusals(HubReference repository) {
    return new Refusals(endpoint, repository);
  }

  private JsonNode data(HubReference repository, Call call) {
    return unwrapped(repository, http.json(call, refusals(repository)));
  }

  /** Some refusals come as 200 with another code inside. */
  private JsonNode unwrapped(HubReference repository, JsonNode answer) {
    int code = answer.path("Code").asInt();
    if (code == 404 || code == 401 || code == 403) {
      throw refusals(repository).notFound(code);
    }
    if (code != 200) {
      throw new SurroundingsException(
          "%s: %s answered code %d (%s)."
              .formatted(repository, endpoint.base(), code, answer.path("Message").asText()));
    }
    return answer.path("Data");
  }

  @Override
  public HubFile complete(HubReference repository, Snapshot snapshot, HubFile file) {
    return file;
  }

  /**
   * By the revision that was asked for: that a commit is understood there is documented nowhere.
   */
  @Override
  public URI content(HubReference repository, Snapshot snapshot, HubFile file) {
    return endpoint.at(
        "/api/v1/models/%s/repo?Revision=%s&FilePath=%s"
            .formatted(
                repository.repository(),
                HubEndpoint.encoded(repository.revisionOrMain()),
                HubEndpoint.encoded(file.path())));
  }

  @Override
  public void create(HubReference repository, boolean isPublic, Optional<String> license) {
    if (license.isEmpty()) {
      throw new BadInputException(
          "%s: expected the licence of a new repository, which ModelScope asks for; name it with --license, such as --license Apache-2.0."
              .formatted(repository));
    }
    var body = new LinkedHashMap<String, Object>();
    body.put("Path", repository.owner());
    body.put("Name", repository.name());
    body.put("Visibility", isPublic ? PUBLIC : PRIVATE);
    body.put("License", license.get());
    JsonNode unused = data(repository, Call.postJson(endpoint.at("/api/v1/models"), body));
  }

  /** The API has no call for it: the commit names the branch. */
  @Override
  public void createBranch(HubReference repository) {}

  @Override
  public Optional<String> commit(
      HubReference repository, List<LocalFile> files, String message, Uploads uploads) {
    List<LocalFile> large = files.stream().filter(ModelScopeApi::isLfs).toList();
    if (!large.isEmpty()) {
      Call batch =
          Call.postJson(
              endpoint.at(
                  "/api/v1/repos/models/%s/info/lfs/objects/batch"
                      .formatted(repository.repository())),
              Map.of("operation", "upload", "objects", Uploads.objects(large)));
      uploads.all(repository, large, data(repository, batch).path("objects"), true);
    }
    List<Map<String, Object>> actions = files.stream().map(ModelScopeApi::action).toList();
    Call commit =
        Call.postJson(
            endpoint.at(
                "/api/v1/repos/models/%s/commit/%s"
                    .formatted(
                        repository.repository(), HubEndpoint.encoded(repository.revisionOrMain()))),
            Map.of("commit_message", message, "actions", actions));
    JsonNode unused = data(repository, commit);
    return Optional.empty();
  }

  private static boolean isLfs(LocalFile file) {
    String name = file.path().toLowerCase(Locale.ROOT);
    int dot = name.lastIndexOf('.');
    return file.sizeBytes() > MAX_PLAIN_BYTES
        || (dot >= 0 && file.sizeBytes() > 0 && LFS_SUFFIXES.contains(name.substring(dot)));
  }

  private static Map<String, Object> action(LocalFile file) {
    boolean lfs = isLfs(file);
    var action = new LinkedHashMap<String, Object>();
    action.put("action", "create");
    action.put("path", file.path());
    action.put("type", lfs ? "lfs" : "normal");
    action.put("size", file.sizeBytes());
    action.put("sha256", lfs ? file.sha256() : "");
    action.put("content", lfs ? "" : Base64.getEncoder().encodeToString(file.bytes()));
    action.put("encoding", lfs ? "" : "base64");
    return action;
  }
}
