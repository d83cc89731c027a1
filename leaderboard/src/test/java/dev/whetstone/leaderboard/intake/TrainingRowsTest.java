package dev.whetstone.leaderboard.intake;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.whetstone.artifacts.Json;
import dev.whetstone.artifacts.dataset.CheckedTask;
import dev.whetstone.artifacts.dataset.ContaminatedItem;
import dev.whetstone.artifacts.dataset.ContaminatedItem.Kind;
import dev.whetstone.leaderboard.TinyResults;
import dev.whetstone.leaderboard.entry.Entry;
import dev.whetstone.leaderboard.entry.Exposure;
import dev.whetstone.leaderboard.entry.Metric;
import dev.whetstone.leaderboard.entry.Sample;
import dev.whetstone.leaderboard.entry.TaskResult;
import dev.whetstone.leaderboard.page.PublishBoard;
import dev.whetstone.leaderboard.store.BoardStore;
import dev.whetstone.leaderboard.verdict.Estimate;
import dev.whetstone.leaderboard.verdict.Policy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Forty orders: the first three stand in rows that were trained on, two more were removed. */
class TrainingRowsTest {
  private static final double CONFIDENCE = 0.95;

  @TempDir private Path folder;
  private Entry entry;
  private Path dataset;

  @BeforeEach
  void writeWorld() {
    Path result = TinyResults.ofAdapter("tiny", "orders").right(0.5, 0.5, 3).write(at("result"));
    entry = ResultReader.read(result, "");
    List<Sample> samples = orders(entry).samples();
    dataset =
        TinyResults.writeDataset(
            at("dataset"),
            Map.of("orders", new CheckedTask(40, 40, 5, 3, 9)),
            List.of(
                item(samples.get(0), 2),
                item(samples.get(1), 1),
                item(samples.get(2), 3),
                item(samples.get(3), 0),
                item(samples.get(4), 0)));
  }

  @Test
  void samplesAreJoinedByTheHashOfTheirDocument() {
    Entry joined = TrainingRows.open(dataset).joinedTo(entry).orElseThrow();
    TaskResult orders = orders(joined);
    assertThat(orders.samples().subList(0, 6))
        .extracting(Sample::exposure)
        .containsExactly(
            Exposure.TRAINED,
            Exposure.TRAINED,
            Exposure.TRAINED,
            Exposure.REMOVED,
            Exposure.REMOVED,
            Exposure.CLEAN);
    assertThat(orders.count(Exposure.CLEAN)).isEqualTo(35);
    assertThat(task(joined, "general").count(Exposure.UNCHECKED))
        .as("the dataset was not checked for this task")
        .isEqualTo(40);
  }

  @Test
  void theScoreOfUnseenDocumentsIsTheirMean() {
    TaskResult orders = orders(TrainingRows.open(dataset).joinedTo(entry).orElseThrow());
    Metric metric = orders.primaryMetric();
    double sum = 0;
    for (Sample sample : orders.samples().subList(3, 40)) {
      sum += sample.scores().get(metric.key());
    }
    Estimate unseen = Estimate.ofUnseen(orders, metric, CONFIDENCE).orElseThrow();
    assertThat(unseen.n()).isEqualTo(37);
    assertThat(unseen.value()).hasValue(sum / 37);
    assertThat(unseen.interval()).isPresent();
    assertThat(Estimate.ofUnseen(orders(entry), metric, CONFIDENCE)).as("nobody looked").isEmpty();
  }

  @Test
  void aModelThatWasTrainedOnOtherRowsIsNotJoined() {
    Path base = TinyResults.ofBase("tiny", 0).write(at("base"));
    assertThat(TrainingRows.open(dataset).joinedTo(ResultReader.read(base, ""))).isEmpty();
  }

  @Test
  void theBoardKeepsItAndThePagesSayIt() throws IOException {
    Entry joined = TrainingRows.open(dataset).joinedTo(entry).orElseThrow();
    BoardStore store = BoardStore.open(at("board.db"), Clock.systemUTC());
    store.add(joined);
    assertThat(store.entries()).containsExactly(joined);
    new PublishBoard(Policy.BOARD, Clock.systemUTC()).publish(store.entries(), at("site"));
    assertThat(Files.readString(at("site/index.html"))).contains("trained on 7.5\u00a0%");
    JsonNode results = Json.read(at("site/api/board.json")).at("/contenders/0/results");
    JsonNode orders =
        results.get(0).get("task").asText().equals("orders") ? results.get(0) : results.get(1);
    assertThat(orders.at("/exposure/found").asInt()).isEqualTo(5);
    assertThat(orders.at("/exposure/trained").asInt()).isEqualTo(3);
    assertThat(orders.at("/metrics/0/unseen/documents").asInt()).isEqualTo(37);
    Path model =
        at("site").resolve(Json.read(at("site/api/board.json")).at("/contenders/0/page").asText());
    assertThat(Files.readString(model)).contains("Trained on 3 of these documents", "without them");
  }

  private Path at(String name) {
    return folder.resolve(name);
  }

  private static TaskResult orders(Entry entry) {
    return task(entry, "orders");
  }

  private static TaskResult task(Entry entry, String name) {
    return entry.tasks().stream().filter(t -> t.task().equals(name)).findFirst().orElseThrow();
  }

  private static ContaminatedItem item(Sample sample, long trainedRows) {
    return new ContaminatedItem(
        "orders",
        "1",
        (int) sample.docId(),
        sample.docHash(),
        "",
        "",
        Kind.QUESTION,
        1,
        "please send me",
        3,
        trainedRows,
        List.of());
  }
}
