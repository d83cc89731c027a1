package dev.whetstone.datasets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.Json;
import dev.whetstone.artifacts.Publish;
import dev.whetstone.artifacts.recipe.Recipe;
import dev.whetstone.datasets.clean.CleanRules;
import dev.whetstone.datasets.clean.CleanRules.Form;
import dev.whetstone.datasets.language.LanguageRule;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PrepareConfigTest {
  @TempDir private Path folder;

  private PrepareConfig read(String line) {
    try {
      Path file =
          Files.writeString(
              folder.resolve("tiny.yaml"),
              "name: tiny\nprepare:\n  sources: [{path: rows.jsonl}]\n" + line);
      return Recipe.read(file, List.of()).section("prepare", PrepareConfig.class);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void publishStandsInTheRecipeAsItIsWritten() {
    assertThat(read("").publish()).isEqualTo(Publish.HASHES);
    for (Publish publish : Publish.values()) {
      PrepareConfig config = read("  publish: " + publish.key());
      assertThat(config.publish()).isEqualTo(publish);
      assertThat(Json.mapper().valueToTree(config).path("publish").asText())
          .isEqualTo(publish.key());
    }
  }

  @Test
  void unknownPublishListsTheKnownOnes() {
    assertThatThrownBy(() -> read("  publish: everything"))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("publish")
        .hasMessageContaining("unknown value \"everything\"; known: text, hashes, none");
  }

  @Test
  void aBoundWithoutNumbersTakesThePresetsAway() {
    assertThat(read("").rules().all()).containsKey("c4_lorem_ipsum");
    assertThat(read("  rules: {bounds: {c4_lorem_ipsum: }}").rules().all())
        .doesNotContainKey("c4_lorem_ipsum");
  }

  @Test
  void cleaningIsOnUnlessTheRecipeSaysOtherwise() {
    assertThat(read("").clean()).isEqualTo(CleanRules.DEFAULT);
    CleanRules rules = read("  clean: {unicode: nfkc, look_alikes: false}").clean();
    assertThat(rules).isEqualTo(new CleanRules(Form.NFKC, true, false, true));
    assertThatThrownBy(() -> read("  clean: {unicode: nfd}"))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("unknown form \"nfd\"; known: nfc, nfkc, none");
  }

  @Test
  void languagesAreLookedForWhereTheRecipeNamesThem() {
    assertThat(read("").language()).isEqualTo(LanguageRule.NONE);
    assertThat(read("  language: {keep: [en, zh]}").language())
        .isEqualTo(new LanguageRule(true, List.of("en", "zh"), 0.6));
    assertThatThrownBy(() -> read("  language: {keep: [klingon]}"))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("unknown language \"klingon\"; known: af, ar");
  }
}
