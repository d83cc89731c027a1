package dev.whetstone.models.engine.hub.remote;

import com.fasterxml.jackson.databind.JsonNode;
import dev.whetstone.artifacts.Json;
import dev.whetstone.artifacts.SurroundingsException;
import dev.whetstone.artifacts.model.HubReference;
import dev.whetstone.models.engine.hub.remote.HubHttp.Answer;
import dev.whetstone.models.engine.hub.remote.HubHttp.Call;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The API of the Hugging Face Hub, which OpenCSG answers to as well. Shapes: huggingface_hub,
 * {@code hf_api.py} (model info, create repository, branch), {@code file_download.py} (headers of a
 * file), {@code _commit_api.py} (preupload, commit), {@code lfs.py} (batch, multipart), at commit
 * ee0a451.
 */
final class HuggingFaceApi implements HubApi {
  /** Files of one request to preupload, as huggingface_hub has it. */
  private static final int PREUPLOAD_FILES = 256;

  private static final int SAMPLE_BYTES = 512;
  private static final String LFS_JSON = "application/vnd.git-lfs+json";

  private final HubHttp http;
  private final HubEndpoint endpoint;

  HuggingFaceApi(HubHttp http) {
    this.http = http;
    this.endpoint = http.endpoint();
  }

  private String api(HubReference repository) {
    return "/api/models/" + repository.repository();
  }

  private Refusals refusals(HubReference repository) {
    return new Refusals(endpoint, repository);
  }

  private Call info(HubReference repository) {
    String revision = HubEndpoint.encoded(repository.revisionOrMain());
    return Call.get(endpoint.at(api(repository) + "/revision/" + revision + "?blobs=true"));
  }

  @Override
  public Snapshot snapshot(HubReference repository) {
    return snapshot(repository, http.json(info(repository), refusals(repository)));
  }

  @Override
  public Optional<Snapshot> find(HubReference repository) {
    Call call = info(repository);
    return http.patiently(
        call,
        answer -> {
          // 401 is what a missing repository gets without a token; with one it is 404.
          if (answer.status() == 404) {
            return Optional.empty();
          }
          if (!answer.isGood()) {
            throw refusals(repository).of(answer, call);
          }
          return Optional.of(snapshot(repository, http.parsed(answer)));
        });
  }

  private Snapshot snapshot(HubReference repository, JsonNode info) {
    String commit = info.path("sha").asText();
    if (!HubReference.isCommit(commit) || !info.path("siblings").isArray()) {
      throw new SurroundingsException(
          "%s: expected \"sha\" and \"siblings\" of a model from %s, found other JSON; is it a hub's endpoint?"
              .formatted(repository, endpoint.base()));
    }
    var files = new ArrayList<HubFile>();
    for (JsonNode sibling : info.path("siblings")) {
      String path = sibling.path("rfilename").asText();
      Optional<String> sha256 = text(sibling.path("lfs").path("sha256"));
      // Of an LFS file the blob is its pointer.
      Optional<String> sha1 = sha256.isPresent() ? Optional.empty() : text(sibling.path("blobId"));
      if (sibling.path("size").canConvertToLong() && (sha256.isPresent() || sha1.isPresent())) {
        files.add(new HubFile(path, sibling.path("size").longValue(), sha256, sha1));
      } else {
        files.add(new HubFile(path, 0, Optional.empty(), Optional.empty()));
      }
    }
    return new Snapshot(commit, files, license(info));
  }

  private static Optional<String> license(JsonNode info) {
    Optional<String> onCard = text(info.path("cardData").path("license"));
    if (onCard.isPresent()) {
      return onCard;
    }
    for (JsonNode tag : info.path("tags")) {
      if (tag.asText().startsWith("license:")) {
        return Optional.of(tag.asText().substring("license:".length()));
      }
    }
    return Optional.empty();
  }

  static Optional<String> text(JsonNode node) {
    return node.isTextual() ? Optional.of(node.textValue()) : Optional.empty();
  }

  @Override
  public URI content(HubReference repository, Snapshot snapshot, HubFile file) {
    return endpoint.at(
        "/%s/resolve/%s/%s"
            .formatted(
                repository.repository(), snapshot.commit(), HubEndpoint.encodedPath(file.path())));
  }

  /** OpenCSG lists names alone; size and hash are then in the headers of the file. */
  @Override
  public HubFile complete(HubReference repository, Snapshot snapshot, HubFile file) {
    if (file.sha256().isPresent() || file.gitSha1().isPresent()) {
      return file;
    }
    Call call = Call.head(content(repository, snapshot, file)).with("Accept-Encoding", "identity");
    return http.good(
        call,
        refusals(repository),
        answer -> {
          long size =
              linked(answer, "X-Linked-Size", "Content-Length")
                  .filter(text -> text.matches("\\d{1,18}"))
                  .map(Long::parseLong)
                  .orElseThrow(
                      () ->
                          new SurroundingsException(
                              "%s: expected the size of %s in the hub's headers, found none."
                                  .formatted(repository, file.path())));
          Optional<String> etag = linked(answer, "X-Linked-ETag", "ETag").map(HuggingFaceApi::hash);
          return new HubFile(file.path(), size, etag, etag);
        });
  }

  /** A header of the hub's own answer, else of the content network's. */
  private static Optional<String> linked(Answer answer, String linked, String plain) {
    return answer.first().firstValue(linked).or(() -> answer.header(plain));
  }

  private static String hash(String etag) {
    return etag.replaceFirst("^W/", "").replace("\"", "");
  }

  @Override
  public void create(HubReference repository, boolean isPublic, Optional<String> license) {
    var body = new LinkedHashMap<String, Object>();
    body.put("type", "model");
    body.put("name", repository.name());
    body.put("organization", repository.owner());
    body.put("visibility", isPublic ? "public" : "private");
    if (endpoint.hub() == HubReference.Hub.OPENCSG) {
      body.put("private", !isPublic); // the older spelling of the same
    }
    post(repository, endpoint.at("/api/repos/create"), body);
  }

  @Override
  public void createBranch(HubReference repository) {
    String branch = HubEndpoint.encoded(repository.revisionOrMain());
    post(repository, endpoint.at(api(repository) + "/branch/" + branch), Map.of());
  }

  /** 409 says that it is there. */
  private void post(HubReference repository, URI uri, Object body) {
    Call call = Call.postJson(uri, body);
    boolean unused =
        http.patiently(
            call,
            answer -> {
              if (!answer.isGood() && answer.status() != 409) {
                throw refusals(repository).of(answer, call);
              }
              return true;
            });
  }

  @Override
  public Optional<String> commit(
      HubReference repository, List<LocalFile> files, String message, Uploads uploads) {
    Map<String, Boolean> isLfs = preupload(repository, files);
    List<LocalFile> large = files.stream().filter(file -> isLfs.get(file.path())).toList();
    if (!large.isEmpty()) {
      uploadLarge(repository, large, uploads);
    }
    var lines = new ArrayList<Object>();
    lines.add(line("header", Map.of("summary", message, "description", "")));
    for (LocalFile file : files) {
      lines.add(isLfs.get(file.path()) ? lfsLine(file) : fileLine(file));
    }
    String body = lines.stream().map(Json::line).collect(Collectors.joining("\n", "", "\n"));
    String revision = HubEndpoint.encoded(repository.revisionOrMain());
    Call call =
        Call.post(
            endpoint.at(api(repository) + "/commit/" + revision),
            "application/x-ndjson",
            body.getBytes(StandardCharsets.UTF_8));
    JsonNode done = http.json(call, refusals(repository));
    return text(done.path("commitOid")).filter(HubReference::isCommit);
  }

  private static Map<String, Object> line(String key, Object value) {
    var line = new LinkedHashMap<String, Object>();
    line.put("key", key);
    line.put("value", value);
    return line;
  }

  private static Map<String, Object> fileLine(LocalFile file) {
    String content = Base64.getEncoder().encodeToString(file.bytes());
    return line("file", Map.of("path", file.path(), "content", content, "encoding", "base64"));
  }

  private static Map<String, Object> lfsLine(LocalFile file) {
    return line(
        "lfsFile",
        Map.of(
            "path", file.path(), "algo", "sha256", "oid", file.sha256(), "size", file.sizeBytes()));
  }

  /** Which files the hub wants by Git LFS: its own rules, by name, size and first bytes. */
  private Map<String, Boolean> preupload(HubReference repository, List<LocalFile> files) {
    var isLfs = new HashMap<String, Boolean>();
    String revision = HubEndpoint.encoded(repository.revisionOrMain());
    URI uri = endpoint.at(api(repository) + "/preupload/" + revision);
    for (int from = 0; from < files.size(); from += PREUPLOAD_FILES) {
      List<LocalFile> part = files.subList(from, Math.min(from + PREUPLOAD_FILES, files.size()));
      List<Map<String, Object>> asked =
          part.stream()
              .map(
                  file ->
                      Map.<String, Object>of(
                          "path",
                          file.path(),
                          "size",
                          file.sizeBytes(),
                          "sample",
                          Base64.getEncoder().encodeToString(file.head(SAMPLE_BYTES))))
              .toList();
      JsonNode answer = http.json(Call.postJson(uri, Map.of("files", asked)), refusals(repository));
      for (JsonNode file : answer.path("files")) {
        isLfs.put(file.path("path").asText(), file.path("uploadMode").asText().equals("lfs"));
      }
    }
    for (LocalFile file : files) {
      if (!isLfs.containsKey(file.path())) {
        throw new SurroundingsException(
            "%s: expected from %s how to upload %s, found nothing of it."
                .formatted(repository, endpoint.base(), file.path()));
      }
      if (file.sizeBytes() == 0) {
        isLfs.put(file.path(), false); // object stores refuse empty uploads
      }
    }
    return isLfs;
  }

  private void uploadLarge(HubReference repository, List<LocalFile> files, Uploads uploads) {
    var body = new LinkedHashMap<String, Object>();
    body.put("operation", "upload");
    body.put("transfers", List.of("basic", "multipart"));
    body.put("objects", Uploads.objects(files));
    body.put("hash_algo", "sha256");
    body.put("ref", Map.of("name", repository.revisionOrMain()));
    Call batch =
        Call.post(
                endpoint.at("/" + repository.repository() + ".git/info/lfs/objects/batch"),
                LFS_JSON,
                Json.line(body).getBytes(StandardCharsets.UTF_8))
            .with("Accept", LFS_JSON);
    JsonNode answer = http.json(batch, refusals(repository));
    uploads.all(repository, files, answer.path("objects"), false);
  }
}
