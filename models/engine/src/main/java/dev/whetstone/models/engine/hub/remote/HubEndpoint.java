package dev.whetstone.models.engine.hub.remote;

import static java.util.Objects.requireNonNull;

import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.model.HubReference;
import dev.whetstone.artifacts.model.HubReference.Hub;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Where a hub answers, and as whom we ask. Both come from the environment, under the names that the
 * hubs' own tools read: {@code HF_ENDPOINT}, {@code HF_TOKEN} (huggingface_hub, {@code
 * constants.py}); {@code MODELSCOPE_ENDPOINT}, {@code MODELSCOPE_API_TOKEN} (modelscope_hub, {@code
 * config.py}); {@code CSGHUB_DOMAIN}, whose {@code /hf} answers like Hugging Face, and {@code
 * CSGHUB_TOKEN} (csghub-sdk, {@code utils.py} and {@code _token.py}).
 *
 * @param base without a slash at its end
 * @param token never shown, never sent to another origin
 * @param tokenVariable the environment variable to set, for sentences
 */
public record HubEndpoint(Hub hub, URI base, Optional<String> token, String tokenVariable) {
  public HubEndpoint {
    requireNonNull(hub, "hub is null");
    requireNonNull(base, "base is null");
    requireNonNull(token, "token is null");
    requireNonNull(tokenVariable, "tokenVariable is null");
  }

  /**
   * The endpoint that {@code environment} asks for, else the hub's public one.
   *
   * @throws BadInputException if a variable holds no web address
   */
  public static HubEndpoint of(Hub hub, Map<String, String> environment) {
    return switch (hub) {
      case HUGGING_FACE ->
          of(hub, environment, "HF_ENDPOINT", "https://huggingface.co", "", "HF_TOKEN");
      case MODELSCOPE ->
          of(
              hub,
              environment,
              "MODELSCOPE_ENDPOINT",
              "https://modelscope.cn",
              "",
              "MODELSCOPE_API_TOKEN");
      case OPENCSG ->
          of(hub, environment, "CSGHUB_DOMAIN", "https://hub.opencsg.com", "/hf", "CSGHUB_TOKEN");
    };
  }

  private static HubEndpoint of(
      Hub hub,
      Map<String, String> environment,
      String variable,
      String preset,
      String path,
      String tokenVariable) {
    String given = environment.getOrDefault(variable, "").strip();
    String address = (given.isEmpty() ? preset : given).replaceFirst("(?<![:/])/+$", "");
    // ModelScope's tools take a bare host.
    URI base = address(variable, address.contains("://") ? address : "https://" + address);
    String token = environment.getOrDefault(tokenVariable, "").strip();
    if (!token.chars().allMatch(c -> c > ' ' && c < 127)) {
      throw new BadInputException(
          tokenVariable
              + ": expected a token of letters, digits and signs, found other characters.");
    }
    return new HubEndpoint(
        hub,
        URI.create(base + path),
        token.isEmpty() ? Optional.empty() : Optional.of(token),
        tokenVariable);
  }

  private static URI address(String variable, String text) {
    try {
      URI uri = URI.create(text);
      boolean web = "https".equals(uri.getScheme()) || "http".equals(uri.getScheme());
      if (web && uri.getHost() != null && uri.getUserInfo() == null && uri.getQuery() == null) {
        return uri;
      }
    } catch (IllegalArgumentException e) {
      throw notAnAddress(variable, text, e);
    }
    throw notAnAddress(variable, text, null);
  }

  private static BadInputException notAnAddress(String variable, String text, Exception cause) {
    return new BadInputException(
        "%s: expected a web address such as https://hub.example.org, found \"%s\"."
            .formatted(variable, text),
        cause);
  }

  /** A page below the endpoint; {@code path} begins with a slash and is encoded already. */
  URI at(String path) {
    return URI.create(base + path);
  }

  /** Where people look at a repository. */
  URI page(HubReference repository) {
    String path = "/" + repository.repository();
    return switch (hub) {
      case HUGGING_FACE -> at(path);
      case MODELSCOPE -> at("/models" + path);
      // The API's path is no page.
      case OPENCSG -> URI.create(base.toString().replaceFirst("/hf$", "") + "/models" + path);
    };
  }

  /** Whether {@code uri} has the endpoint's scheme, host and port: only there a token goes. */
  boolean isOrigin(URI uri) {
    return Objects.equals(base.getScheme(), uri.getScheme())
        && base.getHost().equalsIgnoreCase(String.valueOf(uri.getHost()))
        && port(base) == port(uri);
  }

  private static int port(URI uri) {
    return uri.getPort() >= 0 ? uri.getPort() : "https".equals(uri.getScheme()) ? 443 : 80;
  }

  /** {@code text} as one segment of a path or value of a query. */
  static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  /** A path whose segments are encoded one by one. */
  static String encodedPath(String path) {
    return Arrays.stream(path.split("/", -1))
        .map(HubEndpoint::encoded)
        .collect(Collectors.joining("/"));
  }

  /** Without the token. */
  @Override
  public String toString() {
    return hub.title() + " at " + base;
  }
}
