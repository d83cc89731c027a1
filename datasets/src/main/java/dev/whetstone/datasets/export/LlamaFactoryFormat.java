package dev.whetstone.datasets.export;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.whetstone.artifacts.ArtifactFolder;
import dev.whetstone.artifacts.Json;
import dev.whetstone.artifacts.dataset.DatasetFolder;
import dev.whetstone.datasets.PrepareConfig.LossOn;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * LLaMA-Factory 0.9.5 (data/README.md): ShareGPT rows under OpenAI's names, and a {@code
 * dataset_info.json} with one data set per split, so that the folder is a {@code dataset_dir}.
 * Calls are turns of the role {@code function_call}, results turns of {@code observation}; results
 * of calls made at once are one turn, since roles have to alternate.
 */
public final class LlamaFactoryFormat implements ExportFormat {
  private static final String FUNCTION = "function_call";
  private static final String OBSERVATION = "observation";

  @Override
  public String key() {
    return "llama-factory";
  }

  @Override
  public String meaning() {
    return "dataset_dir: the folder, dataset: train, eval_dataset: validation";
  }

  @Override
  public Line line(ExportRow row, LossOn lossOn) {
    ObjectNode line = Json.mapper().createObjectNode();
    List<ObjectNode> turns = turns(row.isPair() ? row.prompt() : row.messages());
    if (row.isPair()) {
      List<ObjectNode> chosen = turns(row.answer());
      List<ObjectNode> rejected = turns(row.rejected());
      if (chosen.size() != 1 || rejected.size() != 1) {
        return Line.leftOut("an answer of several turns, where LLaMA-Factory takes one");
      }
      line.set("chosen", chosen.get(0));
      line.set("rejected", rejected.get(0));
    }
    line.set(DatasetFolder.MESSAGES, Json.mapper().createArrayNode().addAll(turns));
    row.label().ifPresent(label -> line.put("label", label));
    row.tools().ifPresent(tools -> line.put("tools", tools.toString()));
    return new Line(
        Optional.of(line),
        row.saysAndCalls()
            ? "LLaMA-Factory takes calls without text: what the assistant says beside them is left"
                + " out"
            : "");
  }

  /** Turns with its roles. */
  private static List<ObjectNode> turns(List<ObjectNode> messages) {
    List<ObjectNode> turns = new ArrayList<>();
    List<String> results = new ArrayList<>();
    for (ObjectNode message : messages) {
      String role = message.path(ExportRow.ROLE).asText();
      if (role.equals("tool")) {
        results.add(message.path(ExportRow.CONTENT).asText());
        continue;
      }
      flush(results, turns);
      if (message.has(ExportRow.TOOL_CALLS)) {
        List<ObjectNode> calls = ExportRow.calls(message);
        ArrayNode all = Json.mapper().createArrayNode().addAll(calls);
        turns.add(turn(FUNCTION, (calls.size() == 1 ? calls.get(0) : all).toString()));
      } else {
        turns.add(turn(role, message.path(ExportRow.CONTENT).asText()));
      }
    }
    flush(results, turns);
    return turns;
  }

  private static void flush(List<String> results, List<ObjectNode> turns) {
    if (!results.isEmpty()) {
      turns.add(turn(OBSERVATION, String.join("\n", results)));
      results.clear();
    }
  }

  private static ObjectNode turn(String role, String content) {
    return Json.mapper()
        .createObjectNode()
        .put(ExportRow.ROLE, role)
        .put(ExportRow.CONTENT, content);
  }

  /**
   * Whether it takes the turns of a row: after a system turn, user or results, then assistant or
   * calls, in turn, an answer at the end (converter.py, SharegptDatasetConverter; supervised.py).
   */
  public static boolean alternates(ExportRow row) {
    List<ObjectNode> turns = turns(row.messages());
    int first = !turns.isEmpty() && role(turns.get(0)).equals("system") ? 1 : 0;
    for (int i = first; i < turns.size(); i++) {
      boolean asks = (i - first) % 2 == 0;
      String role = role(turns.get(i));
      boolean asked = role.equals("user") || role.equals(OBSERVATION);
      boolean answered = role.equals("assistant") || role.equals(FUNCTION);
      if (asks ? !asked : !answered) {
        return false;
      }
    }
    return turns.size() > first && (turns.size() - first) % 2 == 0;
  }

  private static String role(ObjectNode turn) {
    return turn.path(ExportRow.ROLE).asText();
  }

  @Override
  public void finish(DatasetFolder dataset, List<String> splits, Path folder) {
    Optional<ExportRow> first = first(dataset, splits);
    ObjectNode info = Json.mapper().createObjectNode();
    for (String split : splits) {
      ObjectNode entry = info.putObject(split);
      entry.put("file_name", split + ".jsonl").put("formatting", "sharegpt");
      ObjectNode columns = Json.mapper().createObjectNode();
      columns.put("messages", DatasetFolder.MESSAGES);
      if (hasTools(dataset, split)) { // a column that is named has to be there
        columns.put("tools", "tools");
      }
      if (first.isPresent() && first.get().isPair()) {
        entry.put("ranking", true);
        columns.put("chosen", "chosen").put("rejected", "rejected");
      }
      if (first.isPresent() && first.get().label().isPresent()) {
        columns.put("kto_tag", "label");
      }
      entry.set("columns", columns);
      entry
          .putObject("tags")
          .put("role_tag", ExportRow.ROLE)
          .put("content_tag", ExportRow.CONTENT)
          .put("user_tag", "user")
          .put("assistant_tag", "assistant")
          .put("observation_tag", OBSERVATION)
          .put("function_tag", FUNCTION)
          .put("system_tag", "system");
    }
    ArtifactFolder.writeAtomically(folder.resolve("dataset_info.json"), Json.pretty(info) + "\n");
  }

  private static boolean hasTools(DatasetFolder dataset, String split) {
    try (var rows = dataset.jsonRows(split)) {
      while (rows.hasNext()) {
        if (rows.next().path("tools").isTextual()) {
          return true;
        }
      }
      return false;
    }
  }

  private static Optional<ExportRow> first(DatasetFolder dataset, List<String> splits) {
    for (String split : splits) {
      try (var rows = dataset.jsonRows(split)) {
        if (rows.hasNext()) {
          return Optional.of(ExportRow.of(rows.next()));
        }
      }
    }
    return Optional.empty();
  }
}
