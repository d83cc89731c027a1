package dev.whetstone.models.engine.hub.remote;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.whetstone.artifacts.Json;
import dev.whetstone.artifacts.SurroundingsException;
import dev.whetstone.artifacts.model.HubReference.Hub;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.ProxySelector;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.channels.UnresolvedAddressException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Requests to one hub: follows redirects itself, so that the token stays at the endpoint's origin;
 * tries again what may pass; ends a transfer that has stalled. Safe to share between threads. Close
 * it when done.
 */
final class HubHttp implements AutoCloseable {
  private static final Duration TO_CONNECT = Duration.ofSeconds(20);
  private static final Duration TO_ANSWER = Duration.ofSeconds(60);

  /** A line this slow is given up: bytes a second that a request's body needs to leave at. */
  private static final long SLOWEST_UPLOAD = 50_000;

  private static final int MAX_REDIRECTS = 10;

  /** Where there is no network, waiting for it is the user's choice. */
  private static final int TRIES_TO_REACH = 3;

  /** Listings of large repositories take a few MB. */
  private static final int MAX_JSON_BYTES = 64 << 20;

  private final HubEndpoint endpoint;
  private final Patience patience;
  private final HttpClient client;
  private final StallGuard stalls = new StallGuard();

  HubHttp(HubEndpoint endpoint, Patience patience) {
    this.endpoint = endpoint;
    this.patience = patience;
    HttpClient.Builder builder =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1) // parallel chunks want connections of their own
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(TO_CONNECT);
    Optional.ofNullable(ProxySelector.getDefault()).ifPresent(builder::proxy);
    this.client = builder.build();
  }

  HubEndpoint endpoint() {
    return endpoint;
  }

  Patience patience() {
    return patience;
  }

  /** No connection came about; what is cached may do. */
  static final class UnreachableException extends SurroundingsException {
    private static final long serialVersionUID = 1L;

    UnreachableException(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /**
   * One request, which can be sent any number of times.
   *
   * @param body makes a new publisher for each try
   * @param sizeBytes of the body
   * @param trusted whether the token goes along even if the address is not the endpoint's origin
   */
  record Call(
      String method,
      URI uri,
      Map<String, String> headers,
      Supplier<BodyPublisher> body,
      long sizeBytes,
      boolean trusted) {
    static Call get(URI uri) {
      return new Call("GET", uri, Map.of(), BodyPublishers::noBody, 0, false);
    }

    static Call head(URI uri) {
      return new Call("HEAD", uri, Map.of(), BodyPublishers::noBody, 0, false);
    }

    static Call post(URI uri, String contentType, byte[] body) {
      return new Call(
          "POST",
          uri,
          Map.of("Content-Type", contentType),
          () -> BodyPublishers.ofByteArray(body),
          body.length,
          false);
    }

    static Call postJson(URI uri, Object body) {
      return post(uri, "application/json", Json.line(body).getBytes(StandardCharsets.UTF_8));
    }

    Call with(String header, String value) {
      var more = new LinkedHashMap<>(headers);
      more.put(header, value);
      return new Call(method, uri, more, body, sizeBytes, trusted);
    }

    /** The same for where a redirect leads; on another host nothing says who we are. */
    Call to(URI next) {
      if (where(next).equalsIgnoreCase(where(uri))) {
        return new Call(method, next, headers, body, sizeBytes, trusted);
      }
      var fewer = new LinkedHashMap<>(headers);
      fewer.keySet().removeIf(HubHttp::isSecret);
      return new Call(method, next, fewer, body, sizeBytes, false);
    }
  }

  /**
   * An answer that is not a redirect. Whoever gets it closes the body.
   *
   * @param uri where it came from, after all redirects
   * @param first the headers of the first answer, which a redirect to a content network lacks
   */
  record Answer(int status, HttpHeaders headers, HttpHeaders first, URI uri, InputStream body) {
    boolean isGood() {
      return status >= 200 && status < 300;
    }

    Optional<String> header(String name) {
      return headers.firstValue(name);
    }
  }

  /** Makes something of an answer; it may read the body, which is closed afterwards. */
  interface Reader<T> {
    T read(Answer answer) throws IOException;
  }

  /**
   * Sends a call until an answer comes that stays the same, and reads it.
   *
   * @throws SurroundingsException if the patience ends
   */
  <T> T patiently(Call call, Reader<T> reader) {
    for (int failures = 1; ; failures++) {
      Optional<String> retryAfter = Optional.empty();
      String what;
      try (StallGuard.Watched body = send(call)) {
        Answer answer = body.answer();
        if (!Patience.isPassing(answer.status())) {
          return reader.read(answer);
        }
        retryAfter = answer.header("Retry-After");
        what = "%s answered %d".formatted(where(call.uri()), answer.status());
      } catch (IOException e) {
        if (failures >= TRIES_TO_REACH && isUnreachable(e)) {
          throw new UnreachableException(
              "%s cannot be reached (%s); is there a network, and a proxy to set with WHETSTONE_JAVA_OPTIONS=-Dhttps.proxyHost=HOST?"
                  .formatted(where(call.uri()), reason(e)),
              e);
        }
        what = "the connection to %s broke (%s)".formatted(where(call.uri()), reason(e));
      }
      patience.await(failures, retryAfter, what);
    }
  }

  /** As {@link #patiently}, for a good answer; others are told as they mean. */
  <T> T good(Call call, Refusals refusals, Reader<T> reader) {
    return patiently(
        call,
        answer -> {
          if (!answer.isGood()) {
            throw refusals.of(answer, call);
          }
          return reader.read(answer);
        });
  }

  /** As {@link #good}, for a JSON document. */
  JsonNode json(Call call, Refusals refusals) {
    return good(
        call.with("Accept", call.headers().getOrDefault("Accept", "application/json")),
        refusals,
        this::parsed);
  }

  JsonNode parsed(Answer answer) throws IOException {
    byte[] bytes = answer.body().readNBytes(MAX_JSON_BYTES + 1);
    if (bytes.length > MAX_JSON_BYTES) {
      throw new SurroundingsException(
          "%s: expected JSON of at most %d MiB, found more; is this a hub's endpoint?"
              .formatted(answer.uri(), MAX_JSON_BYTES >> 20));
    }
    try {
      return Json.mapper().readTree(new String(bytes, StandardCharsets.UTF_8));
    } catch (JsonProcessingException e) {
      throw new SurroundingsException(
          "%s: %s Is this a hub's endpoint?".formatted(answer.uri(), Json.sentence(e)), e);
    }
  }

  /**
   * Sends a call once and follows its redirects. The caller closes what comes back.
   *
   * @throws IOException if the connection cannot be made or breaks
   */
  StallGuard.Watched send(Call call) throws IOException {
    HttpHeaders first = null;
    Call at = call;
    for (int redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
      HttpResponse<InputStream> response = once(at);
      first = first == null ? response.headers() : first;
      Optional<String> location = response.headers().firstValue("Location");
      if (response.statusCode() / 100 != 3 || location.isEmpty()) {
        var answer =
            new Answer(
                response.statusCode(), response.headers(), first, response.uri(), response.body());
        return stalls.watch(answer);
      }
      response.body().close();
      at = at.to(target(response.uri(), location.get()));
    }
    throw new SurroundingsException(
        "%s: expected an answer, found more than %d redirects."
            .formatted(call.uri(), MAX_REDIRECTS));
  }

  private URI target(URI from, String location) {
    try {
      URI to = from.resolve(location);
      boolean web = "https".equals(to.getScheme()) || "http".equals(to.getScheme());
      boolean weaker = "https".equals(from.getScheme()) && !"https".equals(to.getScheme());
      if (web && !weaker && to.getHost() != null) {
        return to;
      }
    } catch (IllegalArgumentException e) {
      throw badRedirect(from, e);
    }
    throw badRedirect(from, null);
  }

  private static SurroundingsException badRedirect(URI from, Exception cause) {
    return new SurroundingsException(
        "%s: expected a redirect to a web address as safe as this one, found another."
            .formatted(where(from)),
        cause);
  }

  private HttpResponse<InputStream> once(Call call) throws IOException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(call.uri())
            .timeout(TO_ANSWER.plusSeconds(call.sizeBytes() / SLOWEST_UPLOAD))
            .method(call.method(), call.body().get())
            .header("User-Agent", userAgent());
    call.headers().forEach(request::setHeader);
    // An upload that the hub ordered may bring its own.
    boolean hasOwn = call.headers().keySet().stream().anyMatch(HubHttp::isSecret);
    if (!hasOwn && (endpoint.isOrigin(call.uri()) || call.trusted())) {
      endpoint
          .token()
          .ifPresent(
              token -> {
                request.header("Authorization", "Bearer " + token);
                if (endpoint.hub() == Hub.MODELSCOPE) {
                  // Its older pages know only the cookie (modelscope_hub, _legacy_api.py).
                  request.header("Cookie", "m_session_id=" + token);
                }
              });
    }
    try {
      return client.send(request.build(), BodyHandlers.ofInputStream());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SurroundingsException("interrupted while asking " + where(call.uri()), e);
    }
  }

  private static boolean isSecret(String header) {
    return header.equalsIgnoreCase("Authorization") || header.equalsIgnoreCase("Cookie");
  }

  private static String userAgent() {
    return "whetstone/" + System.getProperty("whetstone.version", "development");
  }

  /** Scheme and host: addresses of content networks hold signatures that a log should not. */
  static String where(URI uri) {
    return uri.getScheme() + "://" + uri.getAuthority();
  }

  private static boolean isUnreachable(IOException e) {
    return e instanceof ConnectException
        || e instanceof UnknownHostException
        || e instanceof HttpConnectTimeoutException
        || e.getCause() instanceof UnresolvedAddressException;
  }

  /** Ends all transfers that are under way; new ones may begin. */
  void abandonTransfers() {
    stalls.abandonAll();
  }

  static String reason(IOException e) {
    if (e instanceof UnknownHostException || e.getCause() instanceof UnresolvedAddressException) {
      return "its name is not known";
    }
    if (e instanceof ConnectException) {
      return "no connection";
    }
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }

  @Override
  public void close() {
    stalls.close();
  }
}
