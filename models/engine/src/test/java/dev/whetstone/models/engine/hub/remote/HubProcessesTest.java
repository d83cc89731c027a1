package dev.whetstone.models.engine.hub.remote;

import static org.assertj.core.api.Assertions.assertThat;

import dev.whetstone.artifacts.ArtifactFolder;
import dev.whetstone.artifacts.ArtifactsMain;
import dev.whetstone.artifacts.model.HubCache;
import dev.whetstone.artifacts.model.HubReference;
import dev.whetstone.artifacts.model.ModelFolder;
import dev.whetstone.models.engine.EngineMain;
import dev.whetstone.models.engine.hub.TinyGguf;
import dev.whetstone.models.engine.testing.TinyModel;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The command in JVMs of its own: two at once, and one that is killed. */
@Timeout(120)
class HubProcessesTest {
  private static final HubReference TINY = HubReference.parse("hf:owner/tiny");

  @TempDir Path temporary;

  private final FakeHub hub = new FakeHub();
  private final Map<String, String> environment = new HashMap<>();
  private final List<Process> started = new ArrayList<>();
  private Path home;
  private ModelFolder original;

  @BeforeEach
  void makeModel() throws IOException {
    home = temporary.resolve("home");
    original = TinyModel.write(Files.createDirectory(temporary.resolve("original")), 1);
    hub.with(original.path());
  }

  @AfterEach
  void end() {
    started.forEach(Process::destroyForcibly);
    hub.close();
  }

  private Process start(Class<?> main, String... arguments) throws IOException {
    var command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName()));
    command.addAll(List.of(arguments));
    var builder = new ProcessBuilder(command);
    builder.environment().putAll(environment);
    builder.environment().put("WHETSTONE_HOME", home.toString());
    builder.environment().put("HF_ENDPOINT", hub.address().toString());
    Process process = builder.start();
    started.add(process);
    return process;
  }

  private static String output(Process process) throws IOException, InterruptedException {
    String output = text(process.getInputStream());
    String errors = text(process.getErrorStream());
    assertThat(process.waitFor()).as(errors).isZero();
    return output;
  }

  private static String text(InputStream in) throws IOException {
    return new String(in.readAllBytes(), StandardCharsets.UTF_8).strip();
  }

  @Test
  void twoProcessesThatFetchTheSameModelEndWithOneGoodCopy() throws Exception {
    var oneWaits = new CountDownLatch(1);
    hub.network.faults.add(
        (server, exchange, content) -> {
          await(oneWaits);
          server.send(exchange, content, Long.MAX_VALUE, false);
        });
    Process first = start(EngineMain.class, "fetch", "hf:owner/tiny");
    Process second = start(EngineMain.class, "fetch", "hf:owner/tiny");
    // Whoever comes second says so; only then the first gets its bytes.
    for (Process process : List.of(first, second)) {
      new Thread(() -> releaseWhenWaiting(process, oneWaits)).start();
    }
    assertThat(first.waitFor()).isZero();
    assertThat(second.waitFor()).isZero();
    Path folder = Path.of(text(first.getInputStream()));
    assertThat(text(second.getInputStream())).isEqualTo(folder.toString());
    assertThat(oneWaits.getCount()).isZero();
    assertThat(new HubCache(home).find(TINY)).contains(folder);
    assertThat(ModelFolder.open(folder).content()).isEqualTo(original.content());
    assertThat(hub.network.sentBytes.get())
        .isEqualTo(Files.size(original.path().resolve("model.safetensors")));
    assertThat(folder.resolve(".lock")).doesNotExist();
    // The name alone is enough from now on, without any hub.
    hub.close();
    assertThat(output(start(EngineMain.class, "fetch", "--offline", "hf:owner/tiny")))
        .isEqualTo(folder.toString());
    assertThat(output(start(ArtifactsMain.class, "inspect", "hf:owner/tiny")))
        .contains("hf:owner/tiny", FakeHub.COMMIT);
  }

  private static void await(CountDownLatch latch) {
    try {
      if (!latch.await(30, TimeUnit.SECONDS)) {
        throw new IllegalStateException("no process waits");
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void releaseWhenWaiting(Process process, CountDownLatch latch) {
    try (BufferedReader errors = process.errorReader()) {
      for (String line = errors.readLine(); line != null; line = errors.readLine()) {
        if (line.contains("waiting for it")) {
          latch.countDown();
        }
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void aKilledFetchGoesOnWithWhatItHadAndTrustsNoSpoiltChunk() throws Exception {
    int chunks = 4;
    Content content = Content.large(chunks * (long) Downloads.CHUNK_BYTES, 9);
    hub.files.put("large.safetensors", content);
    var asked = new AtomicInteger();
    var never = new CountDownLatch(1);
    for (int i = 0; i < chunks; i++) {
      hub.network.faults.add(
          (server, exchange, one) -> {
            // The last two chunks never come.
            if (asked.incrementAndGet() > chunks - 2) {
              await(never);
            }
            server.send(exchange, one, Long.MAX_VALUE, false);
          });
    }
    String[] command = {"fetch", "hf:owner/tiny", "--include", "large.safetensors"};
    Process killed = start(EngineMain.class, command);
    Path parts = waitForChunks(chunks - 2);
    killed.destroyForcibly().waitFor();
    never.countDown();
    spoilFirstChunk(parts);
    hub.network.faults.clear();
    hub.network.sentBytes.set(0);

    Path folder = Path.of(output(start(EngineMain.class, command)));
    assertThat(Hashes.of(folder.resolve("large.safetensors"), false).sha256())
        .isEqualTo(content.sha256());
    assertThat(hub.network.sentBytes.get()).isEqualTo(3L * Downloads.CHUNK_BYTES);
  }

  @Test
  void aGgufFileBecomesAModelUnderItsHubName() throws Exception {
    Path gguf = new TinyGguf(1).write(temporary.resolve("tiny.gguf"));
    hub.files.put("quantised/tiny.gguf", Content.of(Files.readAllBytes(gguf), true));
    String name = "hf:owner/tiny:quantised/tiny.gguf";
    Path folder = Path.of(output(start(EngineMain.class, "fetch", name)));
    assertThat(ModelFolder.open(folder).asAncestor().facts())
        .containsEntry("source", "hf:owner/tiny@" + FakeHub.COMMIT + ":quantised/tiny.gguf");
    ArtifactFolder.delete(home.resolve("downloads"));
    hub.network.requests.clear();
    assertThat(output(start(EngineMain.class, "fetch", name))).isEqualTo(folder.toString());
    assertThat(hub.network.requests).isEmpty();
    environment.put("HF_HUB_OFFLINE", "1");
    hub.requests.clear();
    assertThat(output(start(EngineMain.class, "fetch", name))).isEqualTo(folder.toString());
    assertThat(hub.requests).isEmpty();
  }

  /** The list of a part that has so many chunks. */
  private Path waitForChunks(int count) throws Exception {
    while (true) {
      if (Files.isDirectory(home)) {
        try (var files = Files.walk(home)) {
          for (Path file : files.filter(f -> f.toString().endsWith(".chunks")).toList()) {
            if (Files.readAllLines(file).size() == count + 1) {
              return file;
            }
          }
        } catch (UncheckedIOException e) {
          continue; // a file went while we looked
        }
      }
      TimeUnit.MILLISECONDS.sleep(20);
    }
  }

  /** Of the chunks that the list calls complete, one then has other bytes. */
  private static void spoilFirstChunk(Path list) throws IOException {
    String line = Files.readAllLines(list).get(1);
    long at = Long.parseLong(line.substring(0, line.indexOf(' '))) * Downloads.CHUNK_BYTES;
    Path part = Path.of(list.toString().replaceFirst("\\.chunks$", ""));
    try (var file = new RandomAccessFile(part.toFile(), "rw")) {
      file.seek(at + 5);
      int one = file.read();
      file.seek(at + 5);
      file.write(one ^ 1);
    }
  }
}
