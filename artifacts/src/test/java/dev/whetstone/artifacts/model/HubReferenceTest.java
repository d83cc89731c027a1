package dev.whetstone.artifacts.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.model.HubReference.Hub;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HubReferenceTest {
  private static final String COMMIT = "0123456789".repeat(4);

  @TempDir Path home;

  @Test
  void aSpellingIsReadAndWrittenAlike() {
    for (String text :
        List.of(
            "hf:owner/name",
            "ms:Owner_1/na.me-2@v1.0",
            "csg:owner/name@refs/pr/1:folder/a file.gguf",
            "hf:owner/name:file.gguf")) {
      assertThat(HubReference.parse(text)).hasToString(text);
    }
    HubReference whole = HubReference.parse("csg:owner/name@refs/pr/1:folder/a file.gguf");
    assertThat(whole.hub()).isEqualTo(Hub.OPENCSG);
    assertThat(whole.repository()).isEqualTo("owner/name");
    assertThat(whole.revision()).contains("refs/pr/1");
    assertThat(whole.file()).contains("folder/a file.gguf");
    assertThat(HubReference.parse("ms:owner/name").revisionOrMain()).isEqualTo("master");
  }

  @Test
  void anotherSpellingIsRefused() {
    for (String text :
        List.of(
            "hf:name",
            "hf:/name",
            "hf:../name",
            "hf:owner/..",
            "hf:owner/name@",
            "hf:owner/name@a..b",
            "hf:owner/name@-x",
            "hf:owner/na me",
            "hf:a/b/c",
            "hf:owner/name:")) {
      assertThat(HubReference.isOne(text)).as(text).isTrue();
      assertThatThrownBy(() -> HubReference.parse(text))
          .as(text)
          .isInstanceOf(BadInputException.class)
          .hasMessageContaining("expected hub:owner/name");
    }
    assertThat(HubReference.isOne("models/hf")).isFalse();
    assertThat(HubReference.isOne("C:/models")).isFalse();
  }

  @Test
  void aRevisionMeansTheCommitThatWasRememberedLast() throws Exception {
    var cache = new HubCache(home);
    HubReference branch = HubReference.parse("hf:owner/name@feature/a");
    assertThat(cache.commit(branch)).isEmpty();
    cache.remember(branch, "f".repeat(40));
    cache.remember(branch, COMMIT);
    assertThat(cache.commit(branch)).contains(COMMIT);
    assertThat(cache.commit(HubReference.parse("hf:owner/name"))).isEmpty();
    assertThat(cache.commit(branch.at(COMMIT))).contains(COMMIT);

    Path folder = cache.folder(branch, COMMIT);
    assertThat(folder).startsWithRaw(home);
    Files.createDirectories(folder);
    assertThat(cache.find(branch)).isEmpty(); // unfinished
    Files.writeString(folder.resolve("manifest.json"), "{}");
    assertThat(cache.find(branch)).contains(folder);
  }

  @Test
  void noTwoReferencesShareAFolder() {
    var cache = new HubCache(home);
    assertThat(
            List.of(
                    "hf:a/b--c",
                    "hf:a--b/c",
                    "ms:a/b--c",
                    "hf:a/b--c:x.gguf",
                    "hf:a/b--c:y/x.gguf",
                    "hf:a/b--c:y%2Fx.gguf")
                .stream()
                .map(text -> cache.folder(HubReference.parse(text), COMMIT)))
        .doesNotHaveDuplicates()
        .allMatch(folder -> folder.normalize().startsWith(home));
  }

  @Test
  void aNameThatWasNotFetchedSaysHow() {
    assertThat(HubCache.locate(home)).isEqualTo(home);
    assertThatThrownBy(() -> ModelFolder.open(Path.of("hf:nobody-here/nothing-there")))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("whetstone fetch hf:nobody-here/nothing-there");
  }
}
