package dev.whetstone.models.engine.hub.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.Json;
import dev.whetstone.artifacts.SurroundingsException;
import dev.whetstone.artifacts.model.HubCache;
import dev.whetstone.artifacts.model.HubReference;
import dev.whetstone.artifacts.model.ModelFolder;
import dev.whetstone.models.engine.hub.remote.HubPush.Publication;
import dev.whetstone.models.engine.testing.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against a real server that answers as ModelScope does. */
class HubModelScopeTest {
  private static final HubReference TINY = HubReference.parse("ms:owner/tiny");
  private static final Publication PRIVATE =
      new Publication(false, Optional.of("Apache-2.0"), "Add the model");

  @TempDir Path temporary;

  private final FakeModelScope hub = new FakeModelScope();
  private HubCache cache;
  private ModelFolder original;

  @BeforeEach
  void makeModel() throws IOException {
    cache = new HubCache(temporary.resolve("home"));
    original = TinyModel.write(Files.createDirectory(temporary.resolve("original")), 1);
    hub.token = Optional.of("ms-secret");
    try (Stream<Path> files = Files.list(original.path())) {
      for (Path file : files.toList()) {
        hub.files.put(file.getFileName().toString(), Content.of(Files.readAllBytes(file), false));
      }
    }
  }

  @AfterEach
  void serverWasAskedOnlyWhatItKnows() {
    hub.close();
    assertThat(hub.failures).isEmpty();
  }

  private static Patience patience() {
    return new Patience(3, Clock.systemUTC(), new Random(1), time -> {});
  }

  private Path fetch(HubReference reference, Optional<String> token) {
    try (HubFetch fetch = new HubFetch(hub.endpoint(token), cache, patience(), 20_000)) {
      return fetch.folder(reference, FileSelection.ofModel(), Optional.empty(), false);
    }
  }

  private HubReference push(Publication publication) {
    try (HubPush push = new HubPush(hub.endpoint(hub.token), patience())) {
      return push.push(original.path(), TINY, publication);
    }
  }

  @Test
  void aModelIsFetchedEveryFileCheckedByItsSha256() {
    Path folder = fetch(TINY, hub.token);
    assertThat(ModelFolder.open(folder).content()).isEqualTo(original.content());
    assertThat(cache.find(TINY)).contains(folder);
    JsonNode record = Json.read(folder.resolve(FetchRecord.FILE));
    assertThat(record.path("revision").asText()).isEqualTo("master");
    assertThat(record.path("commit").asText()).isEqualTo(FakeModelScope.NEW_COMMIT);
    for (JsonNode file : record.path("files")) {
      assertThat(file.path("checked").asText()).isEqualTo("sha256");
    }
  }

  @Test
  void aWrongByteIsRefused() {
    hub.faults.add(FakeServer.wrongByte());
    assertThatThrownBy(() -> fetch(TINY, hub.token))
        .isInstanceOf(SurroundingsException.class)
        .hasMessageContaining("expected SHA-256");
  }

  @Test
  void refusalsNameTheVariableAndTheRevision() {
    assertThatThrownBy(() -> fetch(TINY, Optional.empty()))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("set MODELSCOPE_API_TOKEN");
    assertThatThrownBy(() -> fetch(TINY.at("v9"), hub.token))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("ms:owner/tiny@v9");
  }

  @Test
  void aNewRepositoryIsMadeFilledAndFetchedBack() throws IOException {
    hub.exists = false;
    hub.files.clear();
    HubReference pushed = push(PRIVATE);
    assertThat(pushed.revision()).contains(FakeModelScope.NEW_COMMIT);
    JsonNode made = hub.posts.get(0);
    assertThat(made.path("Path").asText()).isEqualTo("owner");
    assertThat(made.path("Name").asText()).isEqualTo("tiny");
    assertThat(made.path("Visibility").asInt()).isEqualTo(1);
    assertThat(made.path("License").asText()).isEqualTo("Apache-2.0");
    JsonNode commit = hub.posts.get(2);
    assertThat(commit.path("commit_message").asText()).isEqualTo("Add the model");
    assertThat(hub.uploaded)
        .containsOnlyKeys(Hashes.of(original.path().resolve("model.safetensors")).sha256());
    assertThat(ModelFolder.open(fetch(TINY, hub.token)).content()).isEqualTo(original.content());
  }

  @Test
  void whatIsThereIsNotSentAgain() throws IOException {
    assertThat(push(PRIVATE).revision()).contains(FakeModelScope.NEW_COMMIT);
    assertThat(hub.posts).isEmpty();
    hub.files.remove("tokenizer.json");
    push(PRIVATE);
    assertThat(hub.posts).hasSize(1);
    assertThat(hub.posts.get(0).path("actions").findValuesAsText("path"))
        .isEqualTo(List.of("tokenizer.json"));
  }

  @Test
  void aNewRepositoryNeedsItsLicence() {
    hub.exists = false;
    assertThatThrownBy(() -> push(new Publication(false, Optional.empty(), "x")))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("--license");
    assertThat(hub.exists).isFalse();
  }
}
