package dev.whetstone.models.engine.hub.remote;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import dev.whetstone.artifacts.Json;
import dev.whetstone.artifacts.model.HubReference.Hub;
import java.io.IOException;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * A hub that answers as Hugging Face does, with one repository {@code owner/tiny}, and its content
 * network on another port. Shapes as in huggingface_hub: {@code ModelInfo} with {@code blobs=true},
 * headers {@code X-Repo-Commit}, {@code X-Linked-ETag}, {@code X-Linked-Size}, {@code
 * X-Error-Code}; preupload, LFS batch and commit.
 */
final class FakeHub extends FakeServer {
  static final String COMMIT = "c0ffee0123456789c0ffee0123456789c0ffee01";

  /** Serves contents by signed addresses; knows no token and must get none. */
  final class ContentNetwork extends FakeServer {
    @Override
    void handle(HttpExchange exchange) throws IOException {
      String path = exchange.getRequestURI().getPath();
      if (exchange.getRequestMethod().equals("PUT")) {
        Fault fault = faults.poll();
        byte[] bytes = exchange.getRequestBody().readAllBytes();
        if (fault != null) {
          fault.answer(this, exchange, null);
          return;
        }
        String part = path.substring("/upload/".length());
        uploaded.put(part, bytes);
        exchange.getResponseHeaders().set("ETag", "\"etag-" + part + "\"");
        text(exchange, 200, "");
        return;
      }
      content(exchange, files.get(path.substring("/signed/".length())));
    }
  }

  final ContentNetwork network = new ContentNetwork();
  final Map<String, Content> files = new TreeMap<>();
  final Map<String, byte[]> uploaded = new TreeMap<>();
  final List<JsonNode> commits = new ArrayList<>();
  final List<JsonNode> posts = new ArrayList<>();
  volatile boolean exists = true;
  volatile boolean gated;
  volatile boolean listsNamesOnly;
  volatile Optional<String> token = Optional.empty();
  volatile String branch = "main";
  volatile String prefix = "";

  /** Bytes of a part that the batch answer orders; 0 for one PUT. */
  volatile long partBytes;

  /** What the batch answer says is there already. */
  volatile List<String> known = List.of();

  /** Adds the files of a folder, weights as LFS. */
  FakeHub with(Path folder) throws IOException {
    try (Stream<Path> walk = Files.walk(folder)) {
      for (Path file : walk.filter(Files::isRegularFile).toList()) {
        String path = folder.relativize(file).toString();
        files.put(path, Content.of(Files.readAllBytes(file), path.endsWith(".safetensors")));
      }
    }
    return this;
  }

  HubEndpoint endpoint() {
    return endpoint(token);
  }

  HubEndpoint endpoint(Optional<String> token) {
    return new HubEndpoint(
        prefix.isEmpty() ? Hub.HUGGING_FACE : Hub.OPENCSG,
        URI.create(address() + prefix),
        token,
        prefix.isEmpty() ? "HF_TOKEN" : "CSGHUB_TOKEN");
  }

  @Override
  void handle(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getRawPath();
    if (!path.startsWith(prefix)) {
      throw new IllegalStateException("asked outside " + prefix + ": " + path);
    }
    path = path.substring(prefix.length());
    String given = exchange.getRequestHeaders().getFirst("Authorization");
    boolean known = token.isEmpty() || ("Bearer " + token.get()).equals(given);
    if (exchange.getRequestMethod().equals("POST")) {
      if (!known) {
        refuse(exchange, 401, "", "Invalid username or password.");
      } else {
        post(exchange, path);
      }
    } else if (!exists || !known) {
      refuse(exchange, given == null ? 401 : 404, "RepoNotFound", "Repository not found");
    } else if (path.startsWith("/api/models/owner/tiny/revision/")) {
      info(exchange, path.substring(path.lastIndexOf('/') + 1));
    } else if (path.startsWith("/owner/tiny/resolve/" + COMMIT + "/")) {
      resolve(exchange, path.substring(("/owner/tiny/resolve/" + COMMIT + "/").length()));
    } else if (path.startsWith("/api/models/old/name/")) {
      exchange.getResponseHeaders().set("Location", path.replace("old/name", "owner/tiny"));
      exchange.sendResponseHeaders(307, -1);
    } else {
      refuse(exchange, 404, "RepoNotFound", "Repository not found");
    }
  }

  private static void refuse(HttpExchange exchange, int status, String code, String message)
      throws IOException {
    if (!code.isEmpty()) {
      exchange.getResponseHeaders().set("X-Error-Code", code);
    }
    exchange.getResponseHeaders().set("X-Error-Message", message);
    json(exchange, status, Map.of("error", message));
  }

  private void info(HttpExchange exchange, String revision) throws IOException {
    if (!revision.equals(branch) && !revision.equals("main") && !revision.equals(COMMIT)) {
      refuse(exchange, 404, "RevisionNotFound", "Invalid rev id: " + revision);
      return;
    }
    Fault fault = faults.poll();
    if (fault != null) {
      fault.answer(this, exchange, null);
      return;
    }
    var siblings = new ArrayList<Map<String, Object>>();
    files.forEach(
        (path, content) -> {
          var sibling = new LinkedHashMap<String, Object>();
          sibling.put("rfilename", path);
          if (!listsNamesOnly) {
            sibling.put("size", content.size());
            sibling.put("blobId", content.isLfs() ? "1".repeat(40) : content.gitSha1());
            if (content.isLfs()) {
              sibling.put(
                  "lfs",
                  Map.of("sha256", content.sha256(), "size", content.size(), "pointerSize", 134));
            }
          }
          siblings.add(sibling);
        });
    json(
        exchange,
        200,
        Map.of(
            "id",
            "owner/tiny",
            "sha",
            COMMIT,
            "private",
            false,
            "cardData",
            Map.of("license", "apache-2.0"),
            "siblings",
            siblings));
  }

  private void resolve(HttpExchange exchange, String encoded) throws IOException {
    String path = URLDecoder.decode(encoded, StandardCharsets.UTF_8);
    Content content = files.get(path);
    if (gated) {
      refuse(exchange, 403, "GatedRepo", "Access to model owner/tiny is restricted.");
    } else if (content == null) {
      refuse(exchange, 404, "EntryNotFound", "Entry not found");
    } else if (content.isLfs()) {
      exchange.getResponseHeaders().set("X-Repo-Commit", COMMIT);
      exchange.getResponseHeaders().set("X-Linked-ETag", '"' + content.sha256() + '"');
      exchange.getResponseHeaders().set("X-Linked-Size", Long.toString(content.size()));
      exchange.getResponseHeaders().set("Location", network.address() + "/signed/" + encoded);
      exchange.sendResponseHeaders(302, -1);
    } else {
      exchange.getResponseHeaders().set("X-Repo-Commit", COMMIT);
      exchange.getResponseHeaders().set("ETag", "W/\"" + content.gitSha1() + '"');
      content(exchange, content);
    }
  }

  private void post(HttpExchange exchange, String path) throws IOException {
    String body = body(exchange);
    if (path.equals("/api/repos/create")) {
      posts.add(Json.mapper().readTree(body));
      boolean conflict = exists;
      exists = true;
      json(exchange, conflict ? 409 : 200, Map.of("url", address() + "/owner/tiny"));
    } else if (path.startsWith("/api/models/owner/tiny/branch/")) {
      branch = path.substring(path.lastIndexOf('/') + 1);
      json(exchange, 200, Map.of());
    } else if (path.equals("/api/models/owner/tiny/preupload/" + branch)) {
      preupload(exchange, Json.mapper().readTree(body));
    } else if (path.equals("/owner/tiny.git/info/lfs/objects/batch")) {
      batch(exchange, Json.mapper().readTree(body));
    } else if (path.equals("/join")) {
      posts.add(Json.mapper().readTree(body));
      json(exchange, 200, Map.of());
    } else if (path.equals("/verify")) {
      posts.add(Json.mapper().readTree(body));
      json(exchange, 200, Map.of());
    } else if (path.equals("/api/models/owner/tiny/commit/" + branch)) {
      commit(exchange, body);
    } else {
      refuse(exchange, 404, "RepoNotFound", "no such page " + path);
    }
  }

  private static void preupload(HttpExchange exchange, JsonNode asked) throws IOException {
    var answers = new ArrayList<Map<String, Object>>();
    for (JsonNode file : asked.path("files")) {
      if (Base64.getDecoder().decode(file.path("sample").asText()).length > 512) {
        throw new IllegalStateException("the sample is too long");
      }
      String path = file.path("path").asText();
      String mode = path.endsWith(".safetensors") ? "lfs" : "regular";
      answers.add(Map.of("path", path, "uploadMode", mode, "shouldIgnore", false));
    }
    json(exchange, 200, Map.of("files", answers, "commitOid", COMMIT));
  }

  private void batch(HttpExchange exchange, JsonNode asked) throws IOException {
    var objects = new ArrayList<Map<String, Object>>();
    for (JsonNode object : asked.path("objects")) {
      String oid = object.path("oid").asText();
      var answer = new LinkedHashMap<String, Object>();
      answer.put("oid", oid);
      answer.put("size", object.path("size").asLong());
      if (!known.contains(oid)) {
        answer.put("actions", actions(oid, object.path("size").asLong()));
      }
      objects.add(answer);
    }
    exchange.getResponseHeaders().set("Content-Type", "application/vnd.git-lfs+json");
    text(
        exchange,
        200,
        Json.line(Map.of("transfer", partBytes > 0 ? "multipart" : "basic", "objects", objects)));
  }

  private Map<String, Object> actions(String oid, long size) {
    Map<String, Object> verify = Map.of("href", address() + prefix + "/verify");
    if (partBytes == 0) {
      String href = network.address() + "/upload/" + oid;
      return Map.of("upload", Map.of("href", href, "header", Map.of()), "verify", verify);
    }
    var header = new LinkedHashMap<String, Object>();
    header.put("chunk_size", Long.toString(partBytes));
    for (int part = 1; (part - 1) * partBytes < size; part++) {
      header.put(
          "%05d".formatted(part), network.address() + "/upload/%s.%05d".formatted(oid, part));
    }
    return Map.of(
        "upload", Map.of("href", address() + prefix + "/join", "header", header), "verify", verify);
  }

  private void commit(HttpExchange exchange, String body) throws IOException {
    for (String line : body.lines().toList()) {
      commits.add(Json.mapper().readTree(line));
    }
    json(
        exchange,
        200,
        Map.of("commitUrl", "x", "commitOid", "d".repeat(40), "hookOutput", "", "success", true));
  }

  @Override
  public void close() {
    super.close();
    network.close();
  }
}
