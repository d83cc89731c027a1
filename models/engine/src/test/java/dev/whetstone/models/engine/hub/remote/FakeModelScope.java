package dev.whetstone.models.engine.hub.remote;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import dev.whetstone.artifacts.Json;
import dev.whetstone.artifacts.model.HubReference.Hub;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A hub that answers as ModelScope does, with one repository {@code owner/tiny}. Shapes as in
 * modelscope_hub, {@code _legacy_api.py} and {@code _upload.py}.
 */
final class FakeModelScope extends FakeServer {
  static final String OLD_COMMIT = "a".repeat(40);
  static final String NEW_COMMIT = "b".repeat(40);

  final Map<String, Content> files = new TreeMap<>();
  final Map<String, byte[]> uploaded = new TreeMap<>();
  final List<JsonNode> posts = new ArrayList<>();
  volatile boolean exists = true;
  volatile Optional<String> token = Optional.empty();

  HubEndpoint endpoint(Optional<String> given) {
    return new HubEndpoint(Hub.MODELSCOPE, address(), given, "MODELSCOPE_API_TOKEN");
  }

  @Override
  void handle(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    String given = exchange.getRequestHeaders().getFirst("Authorization");
    String cookie = exchange.getRequestHeaders().getFirst("Cookie");
    boolean known =
        token.isEmpty()
            || (("Bearer " + token.get()).equals(given)
                && ("m_session_id=" + token.get()).equals(cookie));
    if (exchange.getRequestMethod().equals("PUT")) {
      uploaded.put(path.substring("/lfs/".length()), exchange.getRequestBody().readAllBytes());
      wrapped(exchange, Map.of());
    } else if (!known) {
      refuse(exchange, 403, "no permission");
    } else if (exchange.getRequestMethod().equals("POST")) {
      post(exchange, path);
    } else if (!exists) {
      refuse(exchange, 404, "record not found");
    } else if (path.equals("/api/v1/models/owner/tiny")) {
      wrapped(exchange, Map.of("Name", "tiny"));
    } else if (path.equals("/api/v1/models/owner/tiny/repo/files")) {
      list(exchange);
    } else if (path.equals("/api/v1/models/owner/tiny/repo")) {
      content(exchange, files.get(query(exchange).get("FilePath")));
    } else {
      refuse(exchange, 404, "record not found");
    }
  }

  private static Map<String, String> query(HttpExchange exchange) {
    var query = new HashMap<String, String>();
    Arrays.stream(exchange.getRequestURI().getRawQuery().split("&", -1))
        .forEach(
            pair -> {
              int equals = pair.indexOf('=');
              query.put(
                  pair.substring(0, equals),
                  URLDecoder.decode(pair.substring(equals + 1), StandardCharsets.UTF_8));
            });
    return query;
  }

  private static void refuse(HttpExchange exchange, int status, String message) throws IOException {
    json(exchange, status, Map.of("Code", 10010205001L, "Message", message, "Success", false));
  }

  private static void wrapped(HttpExchange exchange, Object data) throws IOException {
    json(exchange, 200, Map.of("Code", 200, "Success", true, "Message", "success", "Data", data));
  }

  private void list(HttpExchange exchange) throws IOException {
    if (!query(exchange).get("Revision").equals("master")) {
      // So it says some refusals.
      json(exchange, 200, Map.of("Code", 404, "Success", false, "Message", "no such revision"));
      return;
    }
    var list = new ArrayList<Map<String, Object>>();
    list.add(Map.of("Path", "folder", "Type", "tree", "Size", 0, "CommittedDate", 9_000_000));
    files.forEach(
        (path, content) -> {
          boolean newest = path.equals("config.json");
          var file = new LinkedHashMap<String, Object>();
          file.put("Path", path);
          file.put("Name", path);
          file.put("Type", "blob");
          file.put("Size", content.size());
          file.put("Sha256", content.sha256());
          file.put("IsLFS", content.isLfs());
          file.put("Revision", newest ? NEW_COMMIT : OLD_COMMIT);
          file.put("CommittedDate", newest ? 1_726_842_501 : 1_726_665_606);
          list.add(file);
        });
    wrapped(exchange, Map.of("Files", list));
  }

  private void post(HttpExchange exchange, String path) throws IOException {
    JsonNode body = Json.mapper().readTree(body(exchange));
    posts.add(body);
    switch (path) {
      case "/api/v1/models" -> {
        exists = true;
        wrapped(exchange, Map.of("Id", 1));
      }
      case "/api/v1/repos/models/owner/tiny/info/lfs/objects/batch" -> {
        var objects = new ArrayList<Map<String, Object>>();
        for (JsonNode object : body.path("objects")) {
          String oid = object.path("oid").asText();
          Map<String, Object> actions = Map.of("upload", Map.of("href", address() + "/lfs/" + oid));
          objects.add(Map.of("oid", oid, "size", object.path("size"), "actions", actions));
        }
        wrapped(exchange, Map.of("objects", objects));
      }
      case "/api/v1/repos/models/owner/tiny/commit/master" -> {
        for (JsonNode action : body.path("actions")) {
          byte[] bytes =
              action.path("type").asText().equals("lfs")
                  ? uploaded.get(action.path("sha256").asText())
                  : Base64.getDecoder().decode(action.path("content").asText());
          files.put(action.path("path").asText(), Content.of(bytes, false));
        }
        wrapped(exchange, Map.of());
      }
      default -> refuse(exchange, 404, "no such page " + path);
    }
  }
}
