package dev.whetstone.leaderboard.entry;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.JsonNode;
import dev.whetstone.artifacts.Ancestor;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * One evaluation on the board: a contender (a model, with or without an adapter) on some tasks.
 *
 * @param key hash of the result's work and content: the same result is the same entry
 * @param content the result's content hash
 * @param name what the board calls the contender
 * @param model what was evaluated
 * @param chatTemplate hash of the chat template that was applied; empty if none was
 * @param recipe the evaluation's configuration
 * @param lineage from the raw rows on, oldest first; empty if the folder told none
 * @param evaluated ISO-8601 instant
 * @param seconds wall time of the evaluation
 */
public record Entry(
    String key,
    String content,
    String name,
    Contender model,
    String chatTemplate,
    JsonNode recipe,
    Map<String, String> versions,
    List<Ancestor> lineage,
    String evaluated,
    double seconds,
    List<TaskResult> tasks) {
  public Entry {
    requireNonNull(key, "key is null");
    requireNonNull(content, "content is null");
    requireNonNull(name, "name is null");
    requireNonNull(model, "model is null");
    requireNonNull(chatTemplate, "chatTemplate is null");
    requireNonNull(recipe, "recipe is null");
    requireNonNull(evaluated, "evaluated is null");
    versions = Collections.unmodifiableMap(new TreeMap<>(versions));
    lineage = List.copyOf(lineage);
    tasks = List.copyOf(tasks);
  }

  public Entry withTasks(List<TaskResult> changed) {
    return new Entry(
        key,
        content,
        name,
        model,
        chatTemplate,
        recipe,
        versions,
        lineage,
        evaluated,
        seconds,
        changed);
  }
}
