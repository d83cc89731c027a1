package dev.whetstone.workbench.orders;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.whetstone.artifacts.Json;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class RawOrdersTest {
  private static final List<OrderText> TEST =
      OrderWorlds.HELD_OUT.orders(OrderFiles.TEST_ROWS, new Random(7));
  private static final RawOrders RAW = RawOrders.of(OrderFiles.CLEAN_ROWS, TEST, new Random(8));
  private static final Map<String, String> REASONS =
      RAW.planted().stream().collect(Collectors.toMap(PlantedRow::id, PlantedRow::reason));

  /** Digits enough for a telephone number, whatever stands between them; or an address's sign. */
  private static final Pattern CONTACT = Pattern.compile("@|\\+|(?:\\d[ .()/-]*){5,}");

  private record Line(String id, String text, String answer) {
    String said() {
      return text + " " + answer;
    }
  }

  @Test
  void everyLineIsCleanOrOnTheListOfPlantedRows() {
    assertThat(RAW.lines()).hasSize(OrderFiles.CLEAN_ROWS + RAW.planted().size());
    Set<String> ids = new HashSet<>(RAW.clean().keySet());
    ids.addAll(REASONS.keySet());
    assertThat(ids).hasSize(RAW.lines().size());
    assertThat(readable().keySet()).isSubsetOf(ids);
  }

  @Test
  void eachReasonIsPlanted() {
    assertThat(REASONS.values())
        .contains(
            "broken",
            "empty",
            "personal-data",
            "contaminated",
            "exact-duplicate",
            "near-duplicate");
  }

  @Test
  void cleanRowsAreNoNearDuplicatesOfOneAnother() {
    List<Line> clean = readable().values().stream().filter(l -> isClean(l.id())).toList();
    List<Set<String>> shingles = clean.stream().map(l -> shingles(l.said())).toList();
    Map<String, List<Integer>> holders = new HashMap<>();
    for (int i = 0; i < clean.size(); i++) {
      Map<Integer, Integer> shared = new HashMap<>();
      for (String shingle : shingles.get(i)) {
        List<Integer> earlier = holders.computeIfAbsent(shingle, s -> new ArrayList<>());
        earlier.forEach(j -> shared.merge(j, 1, Integer::sum));
        earlier.add(i);
      }
      for (var pair : shared.entrySet()) {
        int all = shingles.get(i).size() + shingles.get(pair.getKey()).size() - pair.getValue();
        assertThat((double) pair.getValue() / all)
            .as("%s and %s", clean.get(i), clean.get(pair.getKey()))
            .isLessThan(0.8);
      }
    }
  }

  @Test
  void plantedDuplicatesStandBehindTheirOriginal() {
    Map<String, Line> lines = readable();
    Map<String, Line> byCustomer = new HashMap<>();
    for (Line line : lines.values()) {
      String reason = REASONS.getOrDefault(line.id(), "clean");
      if (reason.equals("clean")) {
        byCustomer.put(line.answer(), line);
      } else if (reason.endsWith("duplicate")) {
        Line original = byCustomer.get(line.answer());
        assertThat(original).as("an original above %s", line).isNotNull();
        double similarity = jaccard(shingles(line.said()), shingles(original.said()));
        if (reason.equals("exact-duplicate")) {
          assertThat(line.said()).isEqualTo(original.said());
        } else {
          assertThat(line.text()).isNotEqualToIgnoringCase(original.text());
          assertThat(similarity).as("%s and %s", line, original).isGreaterThanOrEqualTo(0.8);
        }
      }
    }
  }

  @Test
  void leakedRowsHoldTestQuestionsAndNoOtherRowDoes() {
    List<String> questions = TEST.stream().map(t -> letters(t.text())).toList();
    for (Line line : readable().values()) {
      boolean holds = questions.stream().anyMatch(letters(line.text())::contains);
      assertThat(holds)
          .as(line.toString())
          .isEqualTo("contaminated".equals(REASONS.get(line.id())));
    }
  }

  @Test
  void onlyRowsOnTheListHoldPersonalData() {
    for (Line line : readable().values()) {
      assertThat(CONTACT.matcher(line.text()).find())
          .as(line.toString())
          .isEqualTo("personal-data".equals(REASONS.get(line.id())));
    }
  }

  @Test
  void brokenAndEmptyRowsAreWhatTheyAreCalled() {
    Map<String, Line> lines = readable();
    for (PlantedRow row : RAW.planted()) {
      if (row.reason().equals("broken")) {
        assertThat(lines).doesNotContainKey(row.id());
        assertThat(RAW.lines()).anyMatch(l -> l.contains("\"" + row.id() + "\""));
      }
      if (row.reason().equals("empty")) {
        Line line = lines.get(row.id());
        assertThat(line.text().isBlank() || line.answer().isBlank()).as(line.toString()).isTrue();
      }
    }
  }

  @Test
  void theSameSeedGivesTheSameRowsAndAnotherSeedOthers() {
    RawOrders again = RawOrders.of(OrderFiles.CLEAN_ROWS, TEST, new Random(8));
    RawOrders other = RawOrders.of(OrderFiles.CLEAN_ROWS, TEST, new Random(9));
    assertThat(again).isEqualTo(RAW);
    assertThat(other.lines()).isNotEqualTo(RAW.lines());
  }

  private static boolean isClean(String id) {
    return !REASONS.containsKey(id);
  }

  /** All rows that are conversations, in the order of the file. */
  private static Map<String, Line> readable() {
    Map<String, Line> lines = new LinkedHashMap<>();
    for (String line : RAW.lines()) {
      JsonNode row;
      try {
        row = Json.mapper().readTree(line);
      } catch (IOException e) {
        continue; // broken on purpose
      }
      JsonNode messages = row.path("messages");
      if (messages.size() == 3) {
        lines.put(
            row.path("id").asText(),
            new Line(
                row.path("id").asText(),
                messages.path(1).path("content").asText(),
                messages.path(2).path("content").asText()));
      }
    }
    return lines;
  }

  private static String letters(String text) {
    return text.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", " ").strip();
  }

  private static Set<String> shingles(String text) {
    List<String> words = List.of(letters(text).split(" ", -1));
    Set<String> shingles = new HashSet<>();
    for (int i = 0; i + 5 <= words.size(); i++) {
      shingles.add(String.join(" ", words.subList(i, i + 5)));
    }
    return shingles;
  }

  private static double jaccard(Set<String> left, Set<String> right) {
    long shared = left.stream().filter(right::contains).count();
    return (double) shared / (left.size() + right.size() - shared);
  }
}
