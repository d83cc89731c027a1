package dev.whetstone.datasets.job;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.whetstone.artifacts.Json;
import dev.whetstone.artifacts.dataset.DatasetFolder;
import dev.whetstone.datasets.PrepareConfig;
import dev.whetstone.datasets.personal.Pseudonyms;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Of a whole run: one person has one name in it, and another one under another key. */
class PseudonymsInDatasetTest {
  private static final List<String> PEOPLE =
      List.of("jo.doe@example.com", "al@example.org", "+49 171 2345678");
  private static final String[] WISHES = {
    "Please cancel my subscription, I move house in May. Reach me at %s.",
    "Where is the parcel with the green lamp? %s is where you find me.",
    "The invoice shows a wrong street, mail or ring %s once it is put right."
  };
  private static final Pattern NAME = Pattern.compile("\\[(?:EMAIL|PHONE)-[a-z2-7]{8}]");

  @TempDir private Path world;

  @Test
  void aPersonHasOneNameInARunAndAnotherUnderAnotherKey() throws IOException {
    List<String> lines = new ArrayList<>();
    for (int person = 0; person < PEOPLE.size(); person++) {
      for (int wish = 0; wish < WISHES.length; wish++) {
        lines.add(
            Json.line(
                Map.of(
                    "id",
                    person + "/" + wish,
                    "messages",
                    List.of(
                        Map.of(
                            "role", "user", "content", WISHES[wish].formatted(PEOPLE.get(person))),
                        Map.of("role", "assistant", "content", "Done, case " + person + wish)))));
      }
    }
    Files.write(world.resolve("raw.jsonl"), lines);
    Map<String, String> names = names("one", "a key of sixteen characters or more");
    Map<String, String> others = names("other", "another key of sixteen characters");

    assertThat(names).hasSize(lines.size());
    for (Map<String, String> run : List.of(names, others)) {
      assertThat(run.values().stream().distinct().count()).isEqualTo(PEOPLE.size());
      run.forEach((id, name) -> assertThat(name).as(id).isEqualTo(run.get(id.charAt(0) + "/0")));
    }
    assertThat(names.values()).doesNotContainAnyElementsOf(others.values());
  }

  /** The name in each row, by the row's id. */
  private Map<String, String> names(String folder, String key) throws IOException {
    PrepareConfig config =
        Json.mapper()
            .convertValue(
                Map.of(
                    "sources",
                    List.of(Map.of("path", world.resolve("raw.jsonl").toString())),
                    "personal_data",
                    "pseudonym",
                    "dedup",
                    Map.of("exact", false, "near", Map.of("enabled", false)),
                    "split",
                    Map.of("train", 1.0, "validation", 0.0)),
                PrepareConfig.class);
    var runtime = new SparkRuntime(Optional.of("local[2]"), Optional.of(2), Optional.empty());
    DatasetFolder dataset =
        new PrepareDataset(
                "people", config, runtime, Optional.of(new Pseudonyms(key)), Clock.systemUTC())
            .run(world.resolve(folder), false);
    assertThat(Files.readString(dataset.path().resolve("report.html")))
        .doesNotContain("jo.doe", "al@example.org", "2345678");
    Map<String, String> names = new TreeMap<>();
    try (var rows = dataset.jsonRows("train")) {
      while (rows.hasNext()) {
        JsonNode row = rows.next();
        Matcher name = NAME.matcher(row.get("messages").get(0).get("content").asText());
        assertThat(name.find()).as(row.toString()).isTrue();
        names.put(row.get("id").asText(), name.group());
      }
    }
    return names;
  }
}
