package dev.whetstone.artifacts.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.whetstone.artifacts.BadInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RecipeTest {
  @TempDir Path folder;

  record Lora(Integer rank, Double alpha) {
    Lora {
      rank = rank == null ? 16 : rank;
      alpha = alpha == null ? 32 : alpha;
      if (rank < 1) {
        throw new IllegalArgumentException("rank must be >= 1: " + rank);
      }
    }
  }

  record Train(Integer maxLength, Lora lora, List<Lora> more) {
    Train {
      maxLength = maxLength == null ? 1024 : maxLength;
      lora = lora == null ? new Lora(null, null) : lora;
      more = more == null ? List.of() : List.copyOf(more);
    }
  }

  private Recipe recipe(String yaml, String... sets) {
    try {
      return Recipe.read(Files.writeString(folder.resolve("tiny.yaml"), yaml), Arrays.asList(sets));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private Train train(String yaml, String... sets) {
    return recipe(yaml, sets).section("train", Train.class);
  }

  @Test
  void defaultsFillWhatIsAbsent() {
    var defaults = new Train(1024, new Lora(16, 32.0), List.of());
    assertThat(train("name: x")).isEqualTo(defaults);
    assertThat(train("train:")).isEqualTo(defaults);
    assertThat(train("train: {lora: {rank: 4}}").lora()).isEqualTo(new Lora(4, 32.0));
    assertThat(recipe("train: {}").name()).isEqualTo("tiny");
    assertThat(recipe("model: hf:org/tiny").model()).contains("hf:org/tiny");
    assertThat(recipe("name: x").model()).isEmpty();
    assertThat(recipe("train: {}").has("train")).isTrue();
    assertThat(recipe("train: {}").has("eval")).isFalse();
  }

  @Test
  void setOverridesAndAdds() {
    String yaml = "train: {max_length: 8, lora: {rank: 4}}";
    assertThat(train(yaml, "train.max_length=16").maxLength()).isEqualTo(16);
    assertThat(train(yaml, "train.lora.alpha=1.5").lora()).isEqualTo(new Lora(4, 1.5));
    assertThat(train("name: x", "train.lora={rank: 2}").lora().rank()).isEqualTo(2);
    assertThat(recipe(yaml, "name=other").name()).isEqualTo("other");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      value = {
        "train: {maxLength: 8}         | unknown key \"maxLength\". Known keys: lora, max_length,"
            + " more.",
        "train: {lora: {rnk: 8}}       | unknown key \"lora.rnk\". Known keys: alpha, rank.",
        "train: {more: [{}, {rnk: 8}]} | unknown key \"more[1].rnk\". Known keys: alpha, rank.",
        "train: {lora: {rank: 0}}      | lora: rank must be >= 1: 0",
        "train: {max_length: many}     | max_length: expected an integer, found \"many\".",
        "train: {max_length: 1.5}      | max_length: expected an integer, found \"1.5\".",
        "train: {max_length: [1]}      | max_length: expected an integer, found a list.",
        "train: {lora: 3}              | lora: expected a mapping, found \"3\".",
        "train: {lora: {alpha: {}}}    | lora.alpha: expected a number, found a mapping.",
        "train: {more: {a: 1}}         | more: expected a list, found a mapping.",
        "train: {more: [null]}         | expected a value, found an empty one.",
        "train: 3                      | section train: the section: expected a mapping, found"
            + " \"3\".",
        "train: {more: &a [*a]}        | one that holds itself",
        "train: &a {lora: *a}          | one that holds itself",
        "trian: {}                     | unknown key \"trian\". Known keys: name, model, quality,"
            + " prepare, train, eval, board.",
        "- a                           | expected a mapping with name, model and sections, found a"
            + " list.",
        "train: {a: 1, a: 2}           | line 1",
        "train: [                      | line 1",
        "3: x                          | expected a word as key, found 3",
        "model: 3                      | model",
      })
  void faultsNameFileAndKey(String yaml, String fault) {
    assertThatThrownBy(() -> train(yaml))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("tiny.yaml")
        .hasMessageContaining(fault);
  }

  @Test
  void faultyOverridesAreNamed() {
    assertThatThrownBy(() -> train("name: x", "train.lora"))
        .isInstanceOf(BadInputException.class)
        .hasMessage("--set train.lora: expected section.key=value.");
    assertThatThrownBy(() -> train("name: x", "train.lora=["))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("--set train.lora=[: not YAML");
    assertThatThrownBy(() -> train("train: {max_length: 3}", "train.max_length.x=1"))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("max_length");
    assertThatThrownBy(() -> Recipe.read(folder.resolve("none.yaml"), List.of()))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("expected a recipe (YAML) here, found no file");
  }

  @Test
  void whatIsNoTextFileIsNamed() throws IOException {
    assertThatThrownBy(() -> Recipe.read(folder, List.of()))
        .isInstanceOf(BadInputException.class)
        .hasMessage(folder + ": expected a recipe (YAML), found a folder.");
    Path latin = Files.write(folder.resolve("latin.yaml"), new byte[] {'a', ':', (byte) 0xE9});
    assertThatThrownBy(() -> Recipe.read(latin, List.of()))
        .isInstanceOf(BadInputException.class)
        .hasMessage(latin + ": expected a recipe (YAML) in UTF-8, found other bytes.");
    assertThatThrownBy(() -> recipe(""))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("expected a mapping with name, model and sections, found nothing.");
    Path zeros = Files.write(folder.resolve("zeros.yaml"), new byte[1000]);
    assertThatThrownBy(() -> Recipe.read(zeros, List.of())).isInstanceOf(BadInputException.class);
  }

  /** Aliases of aliases, each twice the one before: a small file that would fill the memory. */
  @Test
  void aBombOfAliasesIsRefused() {
    var bomb = new StringBuilder("train:\n  a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for (int i = 1; i < 30; i++) {
      bomb.append(
          "  a%d: &a%d [*a%d, *a%d, *a%d, *a%d]\n".formatted(i, i, i - 1, i - 1, i - 1, i - 1));
    }
    assertThatThrownBy(() -> train(bomb.toString()))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("not YAML");
    assertThatThrownBy(() -> train("train: " + "[".repeat(100_000)))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("not YAML");
  }

  /** A tag could make SnakeYAML build any class; the safe constructor refuses it. */
  @Test
  void tagsBuildNothing() {
    assertThatThrownBy(() -> train("train: !!java.io.File [x]"))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("not YAML");
  }
}
