package dev.whetstone.workbench.orders;

import dev.whetstone.artifacts.ArtifactFolder;
import dev.whetstone.artifacts.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;

/**
 * The generator's files: {@code raw/orders.jsonl} to train on, {@code planted.jsonl} with what is
 * dirty in it, {@code tasks/orders-test.jsonl} to measure with and {@code tasks/orders-shots.jsonl}
 * of which few-shot prompts are made. Equal seeds give equal bytes.
 */
public final class OrderFiles {
  public static final int CLEAN_ROWS = 2_000;
  public static final int TEST_ROWS = 120;

  /** Shots of the training world that are in no training row. */
  private static final int SHOTS = 3;

  private OrderFiles() {}

  /**
   * Writes all files; files that are there already are replaced.
   *
   * @param folder made if need be
   */
  public static void write(Path folder, long seed) {
    var random = new Random(seed);
    List<OrderText> test = OrderWorlds.HELD_OUT.orders(TEST_ROWS, random);
    RawOrders raw = RawOrders.of(CLEAN_ROWS, test, random);
    List<String> trained = raw.clean().values().stream().map(o -> o.order().customer()).toList();
    List<OrderText> shots =
        OrderWorlds.TRAINING.orders(OrderWorlds.TRAINING.customers().size(), random).stream()
            .filter(o -> !trained.contains(o.order().customer()))
            .limit(SHOTS)
            .toList();
    write(folder.resolve("raw/orders.jsonl"), raw.lines());
    write(folder.resolve("planted.jsonl"), raw.planted().stream().map(Json::line).toList());
    write(folder.resolve("tasks/orders-test.jsonl"), documents("test", test));
    write(folder.resolve("tasks/orders-shots.jsonl"), documents("shot", shots));
  }

  private static List<String> documents(String prefix, List<OrderText> orders) {
    List<String> lines = new ArrayList<>();
    for (OrderText order : orders) {
      Map<String, Object> document = new LinkedHashMap<>();
      document.put("id", "%s-%03d".formatted(prefix, lines.size()));
      document.put("text", order.text());
      document.put("target", order.order().json());
      lines.add(Json.line(document));
    }
    return lines;
  }

  private static void write(Path file, List<String> lines) {
    try {
      Files.createDirectories(file.getParent());
    } catch (IOException e) {
      throw ArtifactFolder.surroundings(file, e);
    }
    ArtifactFolder.writeAtomically(
        file, lines.stream().collect(Collectors.joining("\n", "", "\n")));
  }
}
