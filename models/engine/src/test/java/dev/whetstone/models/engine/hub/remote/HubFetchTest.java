package dev.whetstone.models.engine.hub.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.Json;
import dev.whetstone.artifacts.SurroundingsException;
import dev.whetstone.artifacts.model.AdapterFolder;
import dev.whetstone.artifacts.model.HubCache;
import dev.whetstone.artifacts.model.HubReference;
import dev.whetstone.artifacts.model.ModelFolder;
import dev.whetstone.models.engine.testing.TinyModel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against a real server that answers as Hugging Face does; nothing sleeps. */
class HubFetchTest {
  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
  private static final HubReference TINY = HubReference.parse("hf:owner/tiny");
  private static final long LARGE = 300_000_000;

  /** Makes several of a tiny model's weights. */
  private static final int CHUNK = 20_000;

  @TempDir Path temporary;

  private final FakeHub hub = new FakeHub();
  private final List<Duration> waits = Collections.synchronizedList(new ArrayList<>());
  private HubCache cache;
  private ModelFolder original;

  @BeforeEach
  void makeModel() throws IOException {
    cache = new HubCache(temporary.resolve("home"));
    Path folder = Files.createDirectory(temporary.resolve("original"));
    original = TinyModel.write(folder, 1);
    hub.with(folder);
    for (String unwanted : List.of("model.py", "pytorch_model.bin", "onnx/model.onnx", "x.gguf")) {
      hub.files.put(unwanted, text("unwanted"));
    }
  }

  @AfterEach
  void serverWasAskedOnlyWhatItKnows() {
    hub.close();
    assertThat(hub.failures).isEmpty();
    assertThat(hub.network.failures).isEmpty();
  }

  private static Content text(String text) {
    return Content.of(text.getBytes(StandardCharsets.UTF_8), false);
  }

  private Patience patience() {
    return new Patience(5, Clock.fixed(NOW, ZoneOffset.UTC), new Random(1), waits::add);
  }

  private Path fetch(HubReference reference, FileSelection selection, int chunkBytes) {
    try (HubFetch fetch = new HubFetch(hub.endpoint(), cache, patience(), chunkBytes)) {
      return fetch.folder(reference, selection, Optional.empty(), false);
    }
  }

  private Path fetch() {
    return fetch(TINY, FileSelection.ofModel(), CHUNK);
  }

  private static FileSelection only(String... patterns) {
    return new FileSelection(List.of(patterns), List.of());
  }

  @Test
  void aModelOpensUnderItsHubNameWithItsOriginInTheManifest() {
    Path folder = fetch();
    assertThat(cache.find(TINY)).contains(folder);
    assertThat(cache.find(TINY.at(FakeHub.COMMIT))).contains(folder);
    ModelFolder fetched = ModelFolder.open(folder);
    assertThat(fetched.content()).isEqualTo(original.content());
    assertThat(fetched.asAncestor().facts())
        .containsEntry("source", "hf:owner/tiny")
        .containsEntry("revision", FakeHub.COMMIT)
        .containsEntry("license", "apache-2.0");
    assertThat(fetched.asAncestor().name()).isEqualTo("owner/tiny");
  }

  @Test
  void theRecordSaysWhatWasAskedWhatItMeantAndWhatWasChecked() {
    JsonNode record = Json.read(fetch().resolve(FetchRecord.FILE));
    assertThat(record.path("endpoint").asText()).isEqualTo(hub.address().toString());
    assertThat(record.path("repository").asText()).isEqualTo("hf:owner/tiny");
    assertThat(record.path("revision").asText()).isEqualTo("main");
    assertThat(record.path("commit").asText()).isEqualTo(FakeHub.COMMIT);
    for (JsonNode file : record.path("files")) {
      Content content = hub.files.get(file.path("path").asText());
      assertThat(file.path("size_bytes").asLong()).isEqualTo(content.size());
      assertThat(file.path("sha256").asText()).isEqualTo(content.sha256());
      assertThat(file.path("checked").asText()).isEqualTo(content.isLfs() ? "sha256" : "git_sha1");
    }
  }

  @Test
  void codeAndPicklesAndOtherFormatsStayThere() throws IOException {
    try (Stream<Path> files = Files.list(fetch())) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder(
              "chat_template.jinja",
              "config.json",
              "tokenizer.json",
              "tokenizer_config.json",
              "model.safetensors",
              "fetch.json",
              "manifest.json");
    }
  }

  @Test
  void patternsChooseOtherFiles() {
    Path folder = fetch(TINY, new FileSelection(List.of("**"), List.of("*.py")), CHUNK);
    assertThat(folder.resolve("onnx/model.onnx")).hasContent("unwanted");
    assertThat(folder.resolve("model.py")).doesNotExist();
    assertThat(fetch()).isNotEqualTo(folder); // the model itself stands beside it
  }

  @Test
  void anAdapterIsFetchedToo() {
    hub.files.clear();
    Path folder = temporary.resolve("adapter");
    AdapterFolder adapter = TinyModel.writeAdapter(folder, 2, TinyModel.HIDDEN, List.of());
    addFiles(folder);
    assertThat(AdapterFolder.open(fetch()).content()).isEqualTo(adapter.content());
  }

  private void addFiles(Path folder) {
    try {
      hub.with(folder);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void aSecondFetchAsksForTheCommitAlone() {
    Path first = fetch();
    int before = hub.requests.size();
    assertThat(fetch()).isEqualTo(first);
    assertThat(hub.requests).hasSize(before + 1);
  }

  @Test
  void withoutNetworkTheLastAnswerHolds() {
    Path first = fetch();
    hub.close();
    assertThat(fetch()).isEqualTo(first);
    assertThatThrownBy(() -> fetch(TINY.at("v2"), FileSelection.ofModel(), CHUNK))
        .isInstanceOf(SurroundingsException.class)
        .hasMessageContaining("cannot be reached");
  }

  @Test
  void threeHundredMegabytesThroughFiveCutConnectionsHaveTheRightHash() throws IOException {
    Content content = Content.large(LARGE, 7);
    hub.files.put("large.safetensors", content);
    for (long bytes : new long[] {0, 1, 5_000_000, 12_345_678, 16_000_000}) {
      hub.network.faults.add(FakeServer.cutAfter(bytes));
    }
    Path folder = fetch(TINY, only("large.safetensors"), Downloads.CHUNK_BYTES);
    Path file = folder.resolve("large.safetensors");
    assertThat(Hashes.of(file, false).sha256()).isEqualTo(content.sha256());
    assertThat(hub.network.faults).isEmpty();
    assertThat(waits).hasSize(5);
    // What had arrived was not fetched again; some of it was under way when the line broke.
    assertThat(hub.network.sentBytes.get()).isBetween(LARGE, LARGE + 4_000_000);
    assertThat(
            hub.network.requests("GET", "large").stream()
                .filter(request -> request.range().isPresent()))
        .hasSizeGreaterThanOrEqualTo(18 + 5);
  }

  @Test
  void aWrongByteIsRefusedAndThrownAway() {
    hub.network.faults.add(FakeServer.wrongByte());
    assertThatThrownBy(this::fetch)
        .isInstanceOf(SurroundingsException.class)
        .hasMessageContaining("model.safetensors: expected SHA-256")
        .hasMessageContaining(hub.files.get("model.safetensors").sha256());
    assertThat(cache.find(TINY)).isEmpty();
    assertThat(ModelFolder.open(fetch()).content()).isEqualTo(original.content());
  }

  @Test
  void aWrongByteOfASmallFileIsRefusedByGitsHash() {
    hub.files.put("config.json", spoilt(hub.files.get("config.json")));
    assertThatThrownBy(this::fetch)
        .isInstanceOf(SurroundingsException.class)
        .hasMessageContaining("config.json: expected Git's SHA-1");
  }

  /** Says another hash than its bytes have. */
  private static Content spoilt(Content content) {
    var bytes = (Content.Bytes) content;
    byte[] other = bytes.bytes().clone();
    other[5] ^= 1;
    return new Content.Bytes(other, false, bytes.sha256(), bytes.gitSha1());
  }

  @Test
  void aServerWithoutRangesIsReadOnce() {
    hub.network.knowsRanges = false;
    hub.files.put("large.safetensors", Content.large(200_000, 3));
    hub.network.faults.add(FakeServer.cutAfter(70_000));
    Path folder = fetch(TINY, only("large.safetensors"), 10_000);
    assertThat(folder.resolve("large.safetensors")).hasSize(200_000);
    assertThat(hub.network.sentBytes.get()).isLessThan(1_500_000);
  }

  @Test
  void tooManyCutsEndWithASentenceAndTheNextFetchGoesOn() {
    hub.files.put("large.safetensors", Content.large(100_000, 3));
    for (int i = 0; i < 40; i++) {
      hub.network.faults.add(i == 0 ? FakeServer.cutAfter(10_000) : FakeServer.cutAfter(0));
    }
    assertThatThrownBy(() -> fetch(TINY, only("large.safetensors"), 10_000))
        .isInstanceOf(SurroundingsException.class)
        .hasMessageContaining("large.safetensors")
        .hasMessageContaining("5 times");
    hub.network.faults.clear();
    hub.network.sentBytes.set(0);
    fetch(TINY, only("large.safetensors"), 10_000);
    assertThat(hub.network.sentBytes.get()).isLessThanOrEqualTo(90_000);
  }

  @Test
  void theHubSaysHowLongToWaitInSecondsOrByDate() {
    String date =
        DateTimeFormatter.RFC_1123_DATE_TIME.format(NOW.plusSeconds(20).atZone(ZoneOffset.UTC));
    hub.faults.add(FakeServer.status(429, Map.of("Retry-After", "7")));
    hub.faults.add(FakeServer.status(503, Map.of("Retry-After", date)));
    hub.faults.add(FakeServer.status(500, Map.of()));
    fetch();
    assertThat(waits).hasSize(3);
    assertThat(waits.get(0)).isBetween(Duration.ofSeconds(7), Duration.ofMillis(7_500));
    assertThat(waits.get(1)).isBetween(Duration.ofSeconds(20), Duration.ofMillis(20_500));
    assertThat(waits.get(2)).isBetween(Duration.ofSeconds(2), Duration.ofSeconds(4));
  }

  @Test
  void aHubThatWantsHoursIsLeftAlone() {
    hub.faults.add(FakeServer.status(429, Map.of("Retry-After", "7200")));
    assertThatThrownBy(this::fetch)
        .isInstanceOf(SurroundingsException.class)
        .hasMessageContaining("429")
        .hasMessageContaining("7200 s");
    assertThat(waits).isEmpty();
  }

  @Test
  void aDiskThatIsTooSmallIsToldBeforeTheDownload() {
    hub.files.put("huge.safetensors", new Content.Sized(1L << 50));
    assertThatThrownBy(() -> fetch(TINY, only("*.safetensors"), Downloads.CHUNK_BYTES))
        .isInstanceOf(SurroundingsException.class)
        .hasMessageContaining("1,125,899,9")
        .hasMessageContaining("MB free");
    assertThat(hub.network.requests).isEmpty();
  }

  @Test
  void theTokenStaysAtTheHub() {
    hub.token = Optional.of("hf_secret");
    fetch();
    assertThat(hub.requests)
        .allSatisfy(request -> assertThat(request.authorization()).contains("Bearer hf_secret"));
    assertThat(hub.network.requests)
        .isNotEmpty()
        .allSatisfy(request -> assertThat(request.authorization()).isEmpty());
    assertThat(hub.endpoint().toString()).doesNotContain("hf_secret");
  }

  @Test
  void aPrivateRepositoryAsksForTheVariable() {
    hub.token = Optional.of("hf_secret");
    assertRefused(Optional.empty(), "401", "or private", "set HF_TOKEN");
    assertRefused(Optional.of("hf_other"), "404", "whether the token in HF_TOKEN may read it");
  }

  @Test
  void aGatedRepositoryAsksForItsTerms() {
    hub.gated = true;
    assertRefused(Optional.empty(), "grants access on request", "/owner/tiny", "set HF_TOKEN");
    assertRefused(Optional.of("hf_x"), "has not granted access to the account of HF_TOKEN");
  }

  private void assertRefused(Optional<String> token, String... parts) {
    try (HubFetch fetch = new HubFetch(hub.endpoint(token), cache, patience(), CHUNK)) {
      assertThatThrownBy(() -> fetch.folder(TINY, FileSelection.ofModel(), Optional.empty(), false))
          .isInstanceOf(BadInputException.class)
          .hasMessageContainingAll(parts);
    }
  }

  @Test
  void aMissingRevisionOrRepositoryIsNamed() {
    assertThatThrownBy(() -> fetch(TINY.at("v9"), FileSelection.ofModel(), CHUNK))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("branch, tag or commit \"v9\"");
    assertThatThrownBy(
            () -> fetch(HubReference.parse("hf:owner/other"), FileSelection.ofModel(), CHUNK))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("hf:owner/other: not found");
  }

  @Test
  void aRenamedRepositoryIsFollowed() {
    try (HubFetch fetch = new HubFetch(hub.endpoint(), cache, patience(), CHUNK)) {
      assertThat(fetch.pin(HubReference.parse("hf:old/name")).commit()).isEqualTo(FakeHub.COMMIT);
    }
  }

  @Test
  void aRepositoryWithoutAModelSaysWhatItHas() {
    hub.files.remove("tokenizer.json");
    assertThatThrownBy(this::fetch)
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("lacks tokenizer.json");
    hub.files.remove("model.safetensors");
    assertThatThrownBy(this::fetch)
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("x.gguf")
        .hasMessageContaining("hf:owner/tiny:FILE.gguf");
  }

  @Test
  void namesThatLeaveTheFolderOrHideAnotherAreRefused() {
    for (String name :
        List.of(
            "../evil.json",
            "a/../../evil.json",
            "/etc/evil.json",
            "a\\..\\evil.json",
            "C:evil.json",
            "a//evil.json",
            "./evil.json",
            "evil.json\n",
            "CONFIG.json",
            "config.json/evil.json",
            "x".repeat(300) + ".json")) {
      hub.files.put(name, text("evil"));
      assertThatThrownBy(() -> fetch(TINY, only("**"), CHUNK))
          .as(name)
          .isInstanceOf(BadInputException.class)
          .hasMessageContaining("whose name");
      hub.files.remove(name);
    }
    assertThat(temporary.resolve("evil.json")).doesNotExist();
  }

  @Test
  void oursAreNeverTakenFromAHub() {
    hub.files.put("manifest.json", text("{}"));
    hub.files.put(".lock", text("x"));
    Path folder = fetch(TINY, only("**"), CHUNK);
    assertThat(ModelFolder.open(folder).manifest().orElseThrow().recipe().path("name").asText())
        .isEqualTo("owner/tiny");
    assertThat(folder.resolve(".lock")).doesNotExist();
  }

  @Test
  void aFolderOfOnesOwnIsFilledAndNothingElseTouched() throws IOException {
    Path to = temporary.resolve("mine");
    try (HubFetch fetch = new HubFetch(hub.endpoint(), cache, patience(), CHUNK)) {
      assertThat(fetch.folder(TINY, FileSelection.ofModel(), Optional.of(to), false)).isEqualTo(to);
      Path others = Files.createDirectory(temporary.resolve("others"));
      Files.writeString(others.resolve("thesis.tex"), "x");
      assertThatThrownBy(
              () -> fetch.folder(TINY, FileSelection.ofModel(), Optional.of(others), false))
          .isInstanceOf(BadInputException.class)
          .hasMessageContaining("thesis.tex");
    }
    assertThat(ModelFolder.open(to).content()).isEqualTo(original.content());
    assertThat(cache.find(TINY)).isEmpty();
  }

  @Test
  void oneFileIsFetchedAlone() {
    hub.files.put("quantised/model q8.gguf", Content.large(50_000, 5));
    HubReference file = HubReference.parse("hf:owner/tiny:quantised/model q8.gguf");
    try (HubFetch fetch = new HubFetch(hub.endpoint(), cache, patience(), CHUNK)) {
      HubFetch.Pinned pinned = fetch.pin(file);
      assertThat(pinned.reference()).isEqualTo(file.at(FakeHub.COMMIT));
      assertThat(fetch.file(pinned)).hasSize(50_000);
      HubReference missing = HubReference.parse("hf:owner/tiny:y.gguf");
      assertThatThrownBy(() -> fetch.file(fetch.pin(missing)))
          .isInstanceOf(BadInputException.class)
          .hasMessageContaining("x.gguf");
    }
  }

  @Test
  void openCsgAnswersAlikeUnderItsOwnPathAndListsNamesAlone() {
    hub.prefix = "/hf";
    hub.listsNamesOnly = true;
    HubReference reference = HubReference.parse("csg:owner/tiny");
    Path folder = fetch(reference, FileSelection.ofModel(), CHUNK);
    assertThat(ModelFolder.open(folder).content()).isEqualTo(original.content());
    for (JsonNode file : Json.read(folder.resolve(FetchRecord.FILE)).path("files")) {
      assertThat(file.path("checked").asText()).isIn("sha256", "git_sha1");
    }
  }
}
