package dev.whetstone.leaderboard.page;

import com.fasterxml.jackson.databind.JsonNode;
import dev.whetstone.artifacts.Ancestor;
import dev.whetstone.artifacts.ContentHash;
import dev.whetstone.artifacts.Publish;
import dev.whetstone.leaderboard.entry.Entry;
import dev.whetstone.leaderboard.entry.Publishing;
import dev.whetstone.leaderboard.entry.Sample;
import dev.whetstone.leaderboard.entry.TaskResult;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Entries as others may see them. The only way from the store to a page: what may not be published
 * is gone before anything is judged or laid out, so no page, feed or answer of a server can tell
 * it.
 *
 * <p>A text becomes the 64 digits of its SHA-256, or nothing. Settings keep what is known to be no
 * text of a document or prompt. Folders of this machine keep their last two names.
 */
final class Redaction {
  private static final Pattern SHA256 = Pattern.compile("(?:sha256:)?([0-9a-f]{64})");

  private Redaction() {}

  /**
   * {@code entries} without what task, datasets or {@code limit} forbid to show. Where results of
   * one task disagree, the strictest of them decides on its documents.
   */
  static List<Entry> of(List<Entry> entries, Publish limit) {
    var byTask = new HashMap<String, Publish>();
    for (Entry entry : entries) {
      for (TaskResult result : entry.tasks()) {
        byTask.merge(
            result.task(), result.publishing().documents().strictest(limit), Publish::strictest);
      }
    }
    return entries.stream().map(entry -> shown(entry, byTask)).toList();
  }

  private static Entry shown(Entry entry, Map<String, Publish> byTask) {
    List<TaskResult> tasks =
        entry.tasks().stream().map(task -> shown(task, byTask.get(task.task()))).toList();
    boolean isText = tasks.stream().allMatch(task -> task.publishing().documents() == Publish.TEXT);
    return new Entry(
        entry.key(),
        entry.content(),
        entry.name(),
        entry.model(),
        entry.chatTemplate().isEmpty() ? "" : hashOf(entry.chatTemplate()),
        settings(isText, entry.recipe()),
        entry.versions(),
        entry.lineage().stream().map(Redaction::shown).toList(),
        entry.evaluated(),
        entry.seconds(),
        tasks);
  }

  private static JsonNode settings(boolean isText, JsonNode given) {
    return PublicSettings.withoutPlaces(isText ? given : PublicSettings.withoutTexts(given));
  }

  private static Ancestor shown(Ancestor ancestor) {
    var facts = new TreeMap<String, String>();
    ancestor.facts().forEach((name, value) -> facts.put(name, PublicSettings.place(value)));
    return new Ancestor(
        ancestor.kind(), PublicSettings.place(ancestor.name()), ancestor.content(), facts);
  }

  private static TaskResult shown(TaskResult result, Publish documents) {
    Publishing publishing = result.publishing().atMost(documents);
    return new TaskResult(
        result.task(),
        result.version(),
        result.shots(),
        result.taskHash().isEmpty() ? "" : hashOf(result.taskHash()),
        result.primary(),
        settings(documents == Publish.TEXT, result.config()),
        publishing,
        result.metrics(),
        result.samples().stream().map(sample -> shown(sample, publishing)).toList());
  }

  private static Sample shown(Sample sample, Publishing publishing) {
    return new Sample(
        sample.docId(),
        hashOf(sample.docHash()),
        hashOf(sample.targetHash()),
        shown(sample.prompt(), publishing.documents()),
        shown(sample.target(), publishing.documents()),
        shown(sample.answer(), publishing.answers()),
        sample.scores(),
        sample.exposure());
  }

  private static String shown(String text, Publish publish) {
    return switch (publish) {
      case TEXT -> text;
      case HASHES -> ContentHash.sha256(text);
      case NONE -> "";
    };
  }

  /** What a file calls a hash can be any text. */
  private static String hashOf(String given) {
    var matcher = SHA256.matcher(given);
    return matcher.matches() ? matcher.group(1) : ContentHash.sha256(given);
  }
}
