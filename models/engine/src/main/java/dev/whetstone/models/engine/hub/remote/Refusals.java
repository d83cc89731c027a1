package dev.whetstone.models.engine.hub.remote;

import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.SurroundingsException;
import dev.whetstone.artifacts.model.HubReference;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * What a hub's refusal means to whoever asked for {@code repository}. Hugging Face says it in
 * {@code X-Error-Code} and answers 401 both for private and for missing repositories
 * (huggingface_hub, {@code utils/_http.py}, {@code hf_raise_for_status}); ModelScope says it in
 * {@code Message} of its JSON.
 */
record Refusals(HubEndpoint endpoint, HubReference repository) {
  private static final int SHOWN_BYTES = 300;

  RuntimeException of(HubHttp.Answer answer, HubHttp.Call call) throws IOException {
    String code = answer.first().firstValue("X-Error-Code").orElse("");
    if (code.equals("GatedRepo")) {
      return gated();
    }
    if (code.equals("RevisionNotFound")) {
      return noRevision();
    }
    if (code.equals("EntryNotFound")) {
      return new BadInputException(
          "%s: the hub lists a file and does not have it (%s); fetch again."
              .formatted(repository, call.uri().getPath()));
    }
    boolean atHub = endpoint.isOrigin(answer.uri());
    if (atHub && (answer.status() == 401 || answer.status() == 403 || answer.status() == 404)) {
      return call.method().equals("GET") || call.method().equals("HEAD")
          ? notFound(answer.status())
          : notAllowed(answer);
    }
    return new SurroundingsException(
        "%s: %s answered %d to %s %s%s."
            .formatted(
                repository,
                HubHttp.where(answer.uri()),
                answer.status(),
                call.method(),
                answer.uri().getPath(),
                said(answer).map(text -> " (" + text + ")").orElse("")));
  }

  private BadInputException gated() {
    return new BadInputException(
        endpoint.token().isEmpty()
            ? "%s: its owner grants access on request; ask for it at %s, then set %s to a token of your account."
                .formatted(repository, endpoint.page(repository), endpoint.tokenVariable())
            : "%s: its owner has not granted access to the account of %s; ask for it at %s."
                .formatted(repository, endpoint.tokenVariable(), endpoint.page(repository)));
  }

  BadInputException noRevision() {
    return new BadInputException(
        "%s: expected a branch, tag or commit \"%s\" at %s, found none."
            .formatted(repository, repository.revisionOrMain(), endpoint.page(repository)));
  }

  BadInputException notFound(int status) {
    String found =
        "%s: not found at %s, or private (it answered %d)"
            .formatted(repository, endpoint.base(), status);
    return new BadInputException(
        endpoint.token().isEmpty()
            ? "%s; check the name, or set %s to a token that may read it."
                .formatted(found, endpoint.tokenVariable())
            : "%s; check the name, and whether the token in %s may read it."
                .formatted(found, endpoint.tokenVariable()));
  }

  private BadInputException notAllowed(HubHttp.Answer answer) throws IOException {
    return new BadInputException(
        "%s: %s answered %d%s; expected a token that may write there, set it as %s."
            .formatted(
                repository,
                endpoint.base(),
                answer.status(),
                said(answer).map(text -> " (" + text + ")").orElse(""),
                endpoint.tokenVariable()));
  }

  /** The hub's own words, shortened. */
  private static Optional<String> said(HubHttp.Answer answer) throws IOException {
    Optional<String> header = answer.header("X-Error-Message");
    if (header.isPresent()) {
      return header;
    }
    String text = new String(answer.body().readNBytes(SHOWN_BYTES), StandardCharsets.UTF_8).strip();
    return text.isEmpty() ? Optional.empty() : Optional.of(text);
  }
}
