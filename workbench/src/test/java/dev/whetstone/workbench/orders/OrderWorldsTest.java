package dev.whetstone.workbench.orders;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.whetstone.artifacts.Json;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class OrderWorldsTest {
  private static final OrderWorld TRAINING = OrderWorlds.TRAINING;
  private static final OrderWorld HELD_OUT = OrderWorlds.HELD_OUT;

  @Test
  void theTwoWorldsShareNoSentenceNameProductOrCity() {
    assertThat(HELD_OUT.patterns()).doesNotContainAnyElementsOf(TRAINING.patterns());
    assertThat(HELD_OUT.remarks()).doesNotContainAnyElementsOf(TRAINING.remarks());
    assertThat(HELD_OUT.firstNames()).doesNotContainAnyElementsOf(TRAINING.firstNames());
    assertThat(HELD_OUT.lastNames()).doesNotContainAnyElementsOf(TRAINING.lastNames());
    assertThat(HELD_OUT.materials()).doesNotContainAnyElementsOf(TRAINING.materials());
    assertThat(HELD_OUT.goods()).doesNotContainAnyElementsOf(TRAINING.goods());
    assertThat(HELD_OUT.cities()).doesNotContainAnyElementsOf(TRAINING.cities());
  }

  @Test
  void nothingOfTheHeldOutWorldOccursInATrainingText() {
    String trained = allText(TRAINING);
    Stream.of(
            HELD_OUT.firstNames(),
            HELD_OUT.lastNames(),
            HELD_OUT.materials(),
            HELD_OUT.goods(),
            HELD_OUT.cities())
        .flatMap(List::stream)
        .forEach(word -> assertThat(words(trained)).doesNotContain(words(word)));
  }

  /** Slots aside, no run of four words of a held-out sentence stands in a training sentence. */
  @Test
  void sentencesDifferInMoreThanTheirSlots() {
    Set<String> trained = runs(TRAINING.patterns());
    for (String pattern : HELD_OUT.patterns()) {
      assertThat(runs(List.of(pattern)))
          .as(pattern)
          .filteredOn(run -> !run.contains("{"))
          .noneMatch(trained::contains);
    }
  }

  @Test
  void everyValueStandsInTheTextVerbatimAndOnce() {
    for (long seed = 0; seed < 5; seed++) {
      for (OrderText row : TRAINING.orders(500, new Random(seed))) {
        Order order = row.order();
        for (String value : List.of(order.customer(), order.product(), order.city(), order.day())) {
          assertThat(row.text().split(Pattern.quote(value), -1))
              .as("seed %d: %s", seed, row.text())
              .hasSize(2);
        }
        assertThat(row.text()).contains(Integer.toString(order.quantity()));
      }
    }
  }

  @Test
  void noCustomerOrdersTwice() {
    List<OrderText> orders = TRAINING.orders(1_500, new Random(3));
    assertThat(orders.stream().map(o -> o.order().customer())).doesNotHaveDuplicates();
  }

  @Test
  void patternsOccurEquallyOften() {
    var counts =
        HELD_OUT.orders(120, new Random(1)).stream()
            .collect(Collectors.groupingBy(OrderText::pattern, Collectors.counting()));
    assertThat(counts).hasSize(HELD_OUT.patterns().size());
    assertThat(counts.values()).containsOnly(120L / HELD_OUT.patterns().size());
  }

  @Test
  void theInstructionNamesEveryKeyInOrder() {
    String json = new Order("Ann Day", "red pens", 2, "Rome", "Monday").json();
    List<String> keys = new ArrayList<>();
    tree(json).fieldNames().forEachRemaining(keys::add);
    assertThat(OrderWorlds.INSTRUCTION).contains(String.join(", ", keys));
    assertThat(json).doesNotContain("\n");
  }

  @Test
  void moreOrdersThanCustomersAreRefused() {
    int all = HELD_OUT.customers().size();
    assertThatThrownBy(() -> HELD_OUT.orders(all + 1, new Random(0)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("at most " + all);
  }

  @Test
  void aPatternThatLacksASlotIsRefused() {
    assertThatThrownBy(
            () ->
                new OrderWorld(
                    List.of("A"),
                    List.of("B"),
                    List.of("c"),
                    List.of("d"),
                    List.of("E"),
                    List.of("{customer} wants {quantity} {product} in {city}"),
                    List.of("f")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("{day} once");
  }

  private static JsonNode tree(String json) {
    try {
      return Json.mapper().readTree(json);
    } catch (IOException e) {
      throw new AssertionError(json, e);
    }
  }

  private static String allText(OrderWorld world) {
    return Stream.of(
            world.patterns(),
            world.remarks(),
            world.firstNames(),
            world.lastNames(),
            world.materials(),
            world.goods(),
            world.cities())
        .flatMap(List::stream)
        .collect(Collectors.joining(" | "));
  }

  /** Lower case, words by one space, a space at both ends, so that words are found whole. */
  private static String words(String text) {
    return " " + text.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9{}]+", " ").strip() + " ";
  }

  private static Set<String> runs(List<String> patterns) {
    Set<String> runs = new HashSet<>();
    for (String pattern : patterns) {
      List<String> words = List.of(words(pattern).strip().split(" ", -1));
      for (int i = 0; i + 4 <= words.size(); i++) {
        runs.add(String.join(" ", words.subList(i, i + 4)));
      }
    }
    return runs;
  }
}
