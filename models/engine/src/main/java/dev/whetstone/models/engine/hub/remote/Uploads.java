package dev.whetstone.models.engine.hub.remote;

import com.fasterxml.jackson.databind.JsonNode;
import dev.whetstone.artifacts.InputFile;
import dev.whetstone.artifacts.Json;
import dev.whetstone.artifacts.SurroundingsException;
import dev.whetstone.artifacts.command.Progress;
import dev.whetstone.artifacts.model.HubReference;
import dev.whetstone.models.engine.hub.remote.HubHttp.Call;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Uploads of Git LFS as a batch answer orders them: nothing for what the hub has, one PUT, or PUTs
 * of parts and a POST that joins them. Shapes: git-lfs, {@code docs/api/batch.md}; the parts are
 * Hugging Face's own (huggingface_hub, {@code lfs.py}): {@code header} holds {@code chunk_size} and
 * an address under each part's number.
 */
record Uploads(HubHttp http, Progress progress) {
  private static final String LFS_JSON = "application/vnd.git-lfs+json";

  /** The JDK's client writes these itself. */
  private static final Set<String> OWN_HEADERS =
      Set.of("host", "content-length", "connection", "expect", "upgrade", "transfer-encoding");

  /** What a batch asks for. */
  static List<Map<String, Object>> objects(List<LocalFile> files) {
    return files.stream()
        .map(file -> Map.<String, Object>of("oid", file.sha256(), "size", file.sizeBytes()))
        .distinct()
        .toList();
  }

  /**
   * Does what the batch's answer says.
   *
   * @param objects of the answer
   * @param withToken whether the hub wants its token on hosts below its own, too
   */
  void all(HubReference repository, List<LocalFile> files, JsonNode objects, boolean withToken) {
    Map<String, LocalFile> waiting = new LinkedHashMap<>();
    files.forEach(file -> waiting.put(file.sha256(), file));
    for (JsonNode object : objects) {
      LocalFile file = waiting.remove(object.path("oid").asText());
      if (file == null) {
        continue;
      }
      if (object.has("error")) {
        throw new SurroundingsException(
            "%s: %s does not take %s (%s)."
                .formatted(
                    repository,
                    http.endpoint().base(),
                    file.path(),
                    object.path("error").path("message").asText()));
      }
      JsonNode actions = object.path("actions");
      if (actions.path("upload").path("href").isTextual()) {
        upload(repository, file, actions, withToken);
      } else {
        System.err.printf("push: %s is there already%n", file.path());
      }
      progress.add(file.sizeBytes() / 1_000_000);
    }
    if (!waiting.isEmpty()) {
      throw new SurroundingsException(
          "%s: expected from %s where to upload %s, found nothing of it."
              .formatted(
                  repository, http.endpoint().base(), waiting.values().iterator().next().path()));
    }
  }

  private void upload(
      HubReference repository, LocalFile file, JsonNode actions, boolean withToken) {
    JsonNode upload = actions.path("upload");
    URI uri = address(repository, upload.path("href").asText());
    JsonNode header = upload.path("header");
    if (header.has("chunk_size")) {
      inParts(repository, file, uri, header);
    } else {
      boolean trusted = withToken && isBelowEndpoint(uri);
      String unused = put(repository, file, uri, given(header), 0, file.sizeBytes(), trusted);
    }
    JsonNode verify = actions.path("verify");
    if (verify.path("href").isTextual()) {
      Call call =
          lfs(
              address(repository, verify.path("href").asText()),
              Map.of("oid", file.sha256(), "size", file.sizeBytes()));
      for (Map.Entry<String, String> one : given(verify.path("header")).entrySet()) {
        call = call.with(one.getKey(), one.getValue());
      }
      expectGood(repository, call);
    }
  }

  private void inParts(HubReference repository, LocalFile file, URI join, JsonNode header) {
    long chunk = header.path("chunk_size").asLong();
    var addresses = new TreeMap<Integer, URI>();
    for (Map.Entry<String, JsonNode> one : header.properties()) {
      if (one.getKey().matches("\\d{1,6}")) {
        addresses.put(Integer.parseInt(one.getKey()), address(repository, one.getValue().asText()));
      }
    }
    if (chunk <= 0 || addresses.size() != (file.sizeBytes() + chunk - 1) / chunk) {
      throw new SurroundingsException(
          "%s: expected addresses for %d bytes in parts of %d from %s, found %d."
              .formatted(
                  repository, file.sizeBytes(), chunk, http.endpoint().base(), addresses.size()));
    }
    var parts = new ArrayList<Map<String, Object>>();
    long from = 0;
    for (URI address : addresses.values()) {
      long size = Math.min(chunk, file.sizeBytes() - from);
      String etag = put(repository, file, address, Map.of(), from, size, false);
      if (etag.isEmpty()) {
        throw new SurroundingsException(
            "%s: expected an ETag for part %d of %s, found none."
                .formatted(repository, parts.size() + 1, file.path()));
      }
      parts.add(Map.of("partNumber", parts.size() + 1, "etag", etag));
      from += size;
    }
    expectGood(repository, lfs(join, Map.of("oid", file.sha256(), "parts", parts)));
  }

  /** Uploads a range of a file and gives the answer's ETag, or an empty text. */
  private String put(
      HubReference repository,
      LocalFile file,
      URI uri,
      Map<String, String> headers,
      long from,
      long size,
      boolean trusted) {
    Call call = new Call("PUT", uri, headers, () -> range(file, from, size), size, trusted);
    return http.good(
        call,
        new Refusals(http.endpoint(), repository),
        answer -> answer.header("ETag").orElse(""));
  }

  /** With its length said beforehand: object stores take no chunked bodies. */
  private static BodyPublisher range(LocalFile file, long from, long size) {
    return size == 0
        ? BodyPublishers.noBody()
        : BodyPublishers.fromPublisher(
            BodyPublishers.ofInputStream(() -> stream(file, from, size)), size);
  }

  private static InputStream stream(LocalFile file, long from, long size) {
    try {
      FileChannel channel = FileChannel.open(file.file());
      channel.position(from);
      return new Range(Channels.newInputStream(channel), size);
    } catch (IOException e) {
      throw new UncheckedIOException(
          InputFile.unreadable(file.file(), "a file", e).getMessage(), e);
    }
  }

  /** The next {@code left} bytes of a stream. */
  private static final class Range extends FilterInputStream {
    private long left;

    private Range(InputStream in, long left) {
      super(in);
      this.left = left;
    }

    @Override
    public int read() throws IOException {
      int one = left > 0 ? in.read() : -1;
      left -= one < 0 ? 0 : 1;
      return one;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      if (left == 0) {
        return -1;
      }
      int read = in.read(bytes, offset, (int) Math.min(length, left));
      left -= Math.max(read, 0);
      return read;
    }
  }

  private static Call lfs(URI uri, Object body) {
    return Call.post(uri, LFS_JSON, Json.line(body).getBytes(StandardCharsets.UTF_8))
        .with("Accept", LFS_JSON);
  }

  private void expectGood(HubReference repository, Call call) {
    boolean unused = http.good(call, new Refusals(http.endpoint(), repository), answer -> true);
  }

  private URI address(HubReference repository, String text) {
    try {
      URI uri = http.endpoint().base().resolve(text);
      boolean safe =
          "https".equals(uri.getScheme())
              || ("http".equals(uri.getScheme())
                  && "http".equals(http.endpoint().base().getScheme()));
      if (safe && uri.getHost() != null) {
        return uri;
      }
    } catch (IllegalArgumentException e) {
      throw badAddress(repository, e);
    }
    throw badAddress(repository, null);
  }

  private SurroundingsException badAddress(HubReference repository, Exception cause) {
    return new SurroundingsException(
        "%s: expected a web address to upload to, as safe as %s, found another."
            .formatted(repository, http.endpoint().base()),
        cause);
  }

  /**
   * ModelScope's uploads go to a host of its own that wants the same token (modelscope_hub, {@code
   * _legacy_api.py}, {@code upload_blob}): a host below the endpoint's, and only encrypted.
   */
  private boolean isBelowEndpoint(URI uri) {
    String own = http.endpoint().base().getHost().toLowerCase(Locale.ROOT);
    String domain = own.startsWith("www.") ? own.substring(4) : own;
    return "https".equals(uri.getScheme())
        && uri.getHost().toLowerCase(Locale.ROOT).endsWith("." + domain);
  }

  private static Map<String, String> given(JsonNode header) {
    Map<String, String> given = new HashMap<>();
    for (Map.Entry<String, JsonNode> one : header.properties()) {
      Optional<String> value = HuggingFaceApi.text(one.getValue());
      if (value.isPresent() && !OWN_HEADERS.contains(one.getKey().toLowerCase(Locale.ROOT))) {
        given.put(one.getKey(), value.get());
      }
    }
    return given;
  }
}
