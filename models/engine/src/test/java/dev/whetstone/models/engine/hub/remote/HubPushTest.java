package dev.whetstone.models.engine.hub.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.SurroundingsException;
import dev.whetstone.artifacts.model.HubReference;
import dev.whetstone.models.engine.hub.remote.HubPush.Publication;
import dev.whetstone.models.engine.testing.TinyModel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against a real server that takes uploads as Hugging Face does. */
class HubPushTest {
  private static final HubReference TINY = HubReference.parse("hf:owner/tiny");
  private static final Publication PRIVATE =
      new Publication(false, Optional.empty(), "Add the adapter");
  private static final String WEIGHTS = "adapter_model.safetensors";

  @TempDir Path temporary;

  private final FakeHub hub = new FakeHub();
  private Path folder;

  @BeforeEach
  void makeAdapter() {
    hub.token = Optional.of("hf_secret");
    folder = temporary.resolve("adapter");
    TinyModel.writeAdapter(folder, 2, TinyModel.HIDDEN, List.of());
  }

  @AfterEach
  void serverWasAskedOnlyWhatItKnows() {
    hub.close();
    assertThat(hub.failures).isEmpty();
    assertThat(hub.network.failures).isEmpty();
  }

  private HubReference push(HubReference target, Publication publication) {
    var patience = new Patience(3, Clock.systemUTC(), new Random(1), time -> {});
    try (HubPush push = new HubPush(hub.endpoint(), patience)) {
      return push.push(folder, target, publication);
    }
  }

  private HubReference push() {
    return push(TINY, PRIVATE);
  }

  private String oid() throws IOException {
    return Hashes.of(folder.resolve(WEIGHTS)).sha256();
  }

  private void assertCommitted() throws IOException {
    assertThat(hub.commits).hasSize(3);
    assertThat(hub.commits.get(0).path("key").asText()).isEqualTo("header");
    assertThat(hub.commits.get(0).path("value").path("summary").asText())
        .isEqualTo("Add the adapter");
    JsonNode config = hub.commits.get(1);
    assertThat(config.path("key").asText()).isEqualTo("file");
    assertThat(config.path("value").path("path").asText()).isEqualTo("adapter_config.json");
    assertThat(Base64.getDecoder().decode(config.path("value").path("content").asText()))
        .isEqualTo(Files.readAllBytes(folder.resolve("adapter_config.json")));
    JsonNode weights = hub.commits.get(2);
    assertThat(weights.path("key").asText()).isEqualTo("lfsFile");
    assertThat(weights.path("value").path("path").asText()).isEqualTo(WEIGHTS);
    assertThat(weights.path("value").path("oid").asText()).isEqualTo(oid());
    assertThat(weights.path("value").path("algo").asText()).isEqualTo("sha256");
    assertThat(weights.path("value").path("size").asLong())
        .isEqualTo(Files.size(folder.resolve(WEIGHTS)));
  }

  @Test
  void weightsGoByLfsTheRestInTheCommit() throws IOException {
    assertThat(push()).hasToString("hf:owner/tiny@" + "d".repeat(40));
    assertThat(hub.uploaded.get(oid())).isEqualTo(Files.readAllBytes(folder.resolve(WEIGHTS)));
    assertCommitted();
    assertThat(hub.requests("POST", "/verify")).hasSize(1);
    assertThat(hub.posts.get(0).path("oid").asText()).isEqualTo(oid());
  }

  @Test
  void theTokenStaysAtTheHub() {
    push();
    assertThat(hub.requests)
        .allSatisfy(request -> assertThat(request.authorization()).contains("Bearer hf_secret"));
    assertThat(hub.network.requests)
        .isNotEmpty()
        .allSatisfy(request -> assertThat(request.authorization()).isEmpty());
  }

  @Test
  void partsAreUploadedOneByOneAndJoined() throws IOException {
    hub.partBytes = 100;
    byte[] bytes = Files.readAllBytes(folder.resolve(WEIGHTS));
    push();
    var joined = new ByteArrayOutputStream();
    for (byte[] part : hub.uploaded.values()) {
      assertThat(part.length).isLessThanOrEqualTo(100);
      joined.writeBytes(part);
    }
    assertThat(joined.toByteArray()).isEqualTo(bytes);
    JsonNode join = hub.posts.get(0);
    assertThat(join.path("oid").asText()).isEqualTo(oid());
    assertThat(join.path("parts")).hasSize((bytes.length + 99) / 100);
    assertThat(join.path("parts").get(1).path("partNumber").asInt()).isEqualTo(2);
    assertThat(join.path("parts").get(1).path("etag").asText())
        .isEqualTo("\"etag-" + oid() + ".00002\"");
    assertCommitted();
  }

  @Test
  void anUploadThatFailsIsTriedAgain() throws IOException {
    hub.network.faults.add(FakeServer.status(503, Map.of("Retry-After", "1")));
    push();
    assertThat(hub.uploaded).containsOnlyKeys(oid());
    assertThat(hub.network.requests("PUT", oid())).hasSize(2);
  }

  @Test
  void aRepositoryIsMadePrivateUnlessSaidOtherwise() {
    hub.exists = false;
    push();
    JsonNode made = hub.posts.get(0);
    assertThat(made.path("name").asText()).isEqualTo("tiny");
    assertThat(made.path("organization").asText()).isEqualTo("owner");
    assertThat(made.path("type").asText()).isEqualTo("model");
    assertThat(made.path("visibility").asText()).isEqualTo("private");
    hub.exists = false;
    push(TINY, new Publication(true, Optional.empty(), "x"));
    assertThat(hub.posts.stream().map(post -> post.path("visibility").asText())).contains("public");
  }

  @Test
  void aBranchIsMadeWhereThereIsNone() {
    assertThat(push(TINY.at("v2"), PRIVATE).revision()).contains("d".repeat(40));
    assertThat(hub.branch).isEqualTo("v2");
    assertThat(hub.requests("POST", "/commit/v2")).hasSize(1);
  }

  @Test
  void whatIsThereIsNotSentAgain() throws IOException {
    hub.with(folder);
    assertThat(push()).isEqualTo(TINY.at(FakeHub.COMMIT));
    assertThat(hub.commits).isEmpty();

    Path config = folder.resolve("adapter_config.json");
    Files.writeString(config, Files.readString(config) + "\n");
    push();
    assertThat(hub.commits).hasSize(2); // header and the changed file
    assertThat(hub.uploaded).isEmpty();
  }

  @Test
  void whatTheHubHasElsewhereIsOnlyNamed() throws IOException {
    hub.known = List.of(oid());
    push();
    assertThat(hub.uploaded).isEmpty();
    assertCommitted();
  }

  @Test
  void openCsgTakesTheSameUnderItsOwnPath() throws IOException {
    hub.prefix = "/hf";
    hub.listsNamesOnly = true;
    HubReference csg = HubReference.parse("csg:owner/tiny");
    assertThat(push(csg, PRIVATE)).isEqualTo(csg.at("d".repeat(40)));
    assertCommitted();
    hub.with(folder);
    assertThat(push(csg, PRIVATE)).isEqualTo(csg.at(FakeHub.COMMIT));
  }

  @Test
  void whatLooksLikeASecretStopsThePushWithAllOfIt() throws IOException {
    Files.writeString(folder.resolve(".env"), "A=1");
    Files.writeString(folder.resolve("notes.md"), "use hf_" + "aB3".repeat(12));
    Files.writeString(folder.resolve("more.txt"), "with hf_secret");
    assertThatThrownBy(this::push)
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining(".env looks like a secret")
        .hasMessageContaining("notes.md holds a Hugging Face token")
        .hasMessageContaining("more.txt holds your token")
        .hasMessageNotContaining("aB3aB3")
        .hasMessageNotContaining("hf_secret");
    assertThat(hub.requests).isEmpty();
  }

  @Test
  void aLinkToElsewhereIsNotFollowed() throws IOException {
    Path outside = Files.writeString(temporary.resolve("private.txt"), "x");
    Files.createSymbolicLink(folder.resolve("public.txt"), outside);
    assertThatThrownBy(this::push)
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("public.txt is no plain file of this folder");
  }

  @Test
  void whatIsIncompleteStaysHere() throws IOException {
    Files.writeString(folder.resolve(".unfinished.json"), "{}");
    assertThatThrownBy(this::push)
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("unfinished");
    Files.delete(folder.resolve(".unfinished.json"));
    Files.delete(folder.resolve(WEIGHTS));
    assertThatThrownBy(this::push)
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining(WEIGHTS);
  }

  @Test
  void picklesAndHiddenFilesAreLeftOut() throws IOException {
    Files.write(folder.resolve("training_args.bin"), new byte[] {1});
    Files.writeString(folder.resolve(".DS_Store"), "x");
    push();
    assertCommitted();
  }

  @Test
  void aPushNeedsATokenThatMayWrite() {
    var patience = new Patience(3, Clock.systemUTC(), new Random(1), time -> {});
    try (HubPush push = new HubPush(hub.endpoint(Optional.empty()), patience)) {
      assertThatThrownBy(() -> push.push(folder, TINY, PRIVATE))
          .isInstanceOf(BadInputException.class)
          .hasMessageContaining("HF_TOKEN");
    }
    try (HubPush push = new HubPush(hub.endpoint(Optional.of("hf_reader")), patience)) {
      assertThatThrownBy(() -> push.push(folder, TINY, PRIVATE))
          .isInstanceOf(BadInputException.class)
          .hasMessageContaining("401")
          .hasMessageContaining("set it as HF_TOKEN");
    }
  }

  @Test
  void aCommitIsNoTarget() {
    assertThatThrownBy(() -> push(TINY.at(FakeHub.COMMIT), PRIVATE))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("hub:owner/name@branch");
  }

  @Test
  void aHubThatKeepsFailingIsNamed() {
    for (int i = 0; i < 3; i++) {
      hub.network.faults.add(FakeServer.status(500, Map.of()));
    }
    assertThatThrownBy(this::push)
        .isInstanceOf(SurroundingsException.class)
        .hasMessageContaining("answered 500, 3 times");
    assertThat(hub.commits).isEmpty();
  }
}
