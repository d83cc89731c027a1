package dev.whetstone.datasets.personal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.whetstone.artifacts.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** On rows of self-instruct's seeds and GSM8K's training set, which are not part of Whetstone. */
class PersonalDataInRealRowsTest {
  private static final int ITEMS = 2000;

  private static final List<String> TEXTS = new ArrayList<>();

  @BeforeAll
  static void readRows() throws IOException {
    Path data =
        Path.of(
            Optional.ofNullable(System.getenv("WHETSTONE_BENCHDATA"))
                .orElse("../../shared/benchdata"));
    Path seeds = data.resolve("self_instruct/seed_tasks.jsonl");
    Path train = data.resolve("gsm8k/train.jsonl.gz");
    assumeTrue(
        Files.exists(seeds) && Files.exists(train),
        () -> "no self_instruct and gsm8k under " + data + "; set WHETSTONE_BENCHDATA");
    for (String line : Files.readAllLines(seeds)) {
      JsonNode task = Json.mapper().readTree(line);
      for (JsonNode instance : task.get("instances")) {
        TEXTS.add(
            String.join(
                "\n\n",
                task.get("instruction").asText(),
                instance.get("input").asText(),
                instance.get("output").asText()));
      }
    }
    try (InputStream in = new GZIPInputStream(Files.newInputStream(train));
        var lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        JsonNode row = Json.mapper().readTree(line);
        TEXTS.add(row.get("question").asText() + "\n\n" + row.get("answer").asText());
      }
    }
  }

  @Test
  void whatIsFoundWithoutPlantingIsWhatOneFindsByReading() {
    Set<String> found = new TreeSet<>();
    for (String text : TEXTS) {
      for (Findings.Finding finding : Findings.in(text).all()) {
        Span span = finding.span();
        found.add(finding.kind().name() + " " + text.substring(span.start(), span.end()));
      }
    }
    assertThat(found)
        .containsExactly(
            "EMAIL alerts@info6.citi.com", "EMAIL emoore@email.com", "PHONE (123) 456-7891");
  }

  @Test
  void twoThousandPlantedItemsAreFoundAndLittleElse() {
    List<String> without = TEXTS.stream().filter(text -> Findings.in(text).isEmpty()).toList();
    Map<String, PlantedPersonalData.Tally> tallies =
        PlantedPersonalData.tally(without, ITEMS, 20261130);
    tallies.forEach((kind, tally) -> System.out.printf("%-8s %s%n", kind, tally));
    tallies.forEach(
        (kind, tally) -> {
          assertThat(tally.recall()).as("%s: %s", kind, tally).isGreaterThanOrEqualTo(0.98);
          assertThat(tally.precision()).as("%s: %s", kind, tally).isGreaterThanOrEqualTo(0.98);
        });
  }
}
