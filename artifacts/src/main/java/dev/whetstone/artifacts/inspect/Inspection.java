package dev.whetstone.artifacts.inspect;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.JsonNode;
import dev.whetstone.artifacts.Ancestor;
import dev.whetstone.artifacts.Json;
import dev.whetstone.artifacts.Manifest;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * What an artifact is and where it came from, as text or JSON.
 *
 * @param kind such as {@code dataset}
 * @param path as it was given
 * @param facts what is in it, in the order to show
 * @param counts kept and dropped, by reason; empty where it has no manifest
 * @param recipe the step's section that made it; empty where it has no manifest
 * @param versions what made it
 * @param lineage oldest first, this artifact not included
 */
record Inspection(
    String kind,
    String path,
    Map<String, String> facts,
    JsonNode counts,
    JsonNode recipe,
    Map<String, String> versions,
    List<Ancestor> lineage) {
  private static final int SHORT_HASH = "sha256:".length() + 12;

  Inspection {
    requireNonNull(kind, "kind is null");
    requireNonNull(path, "path is null");
    facts = Collections.unmodifiableMap(new LinkedHashMap<>(facts));
    versions = Map.copyOf(versions);
    lineage = List.copyOf(lineage);
  }

  /** An artifact that has no manifest. */
  static Inspection plain(
      String kind, String path, Map<String, String> facts, List<Ancestor> lineage) {
    JsonNode none = Json.mapper().createObjectNode();
    return new Inspection(kind, path, facts, none, none, Map.of(), lineage);
  }

  /** A finished folder: {@code facts}, then what its manifest says. */
  static Inspection of(String kind, String path, Map<String, String> facts, Manifest manifest) {
    var all = new LinkedHashMap<>(facts);
    all.put("format", manifest.format());
    all.put("content", manifest.content());
    all.put("id", manifest.id());
    all.put("started", manifest.started());
    all.put("seconds", String.format(Locale.ROOT, "%.1f", manifest.seconds()));
    manifest.inputs().forEach((role, hash) -> all.put("input " + role, hash));
    manifest.seeds().forEach((purpose, seed) -> all.put("seed " + purpose, Long.toString(seed)));
    return new Inspection(
        kind,
        path,
        all,
        manifest.counts(),
        manifest.recipe(),
        manifest.versions(),
        manifest.lineage());
  }

  String text() {
    var text = new StringBuilder("%s %s%n".formatted(kind, path));
    table(text, facts);
    section(text, "counts", flat(counts));
    section(text, "recipe", flat(recipe));
    section(text, "made by", new TreeMap<>(versions));
    if (!lineage.isEmpty()) {
      text.append("%nlineage, newest first%n  %s %s%n".formatted(kind, path));
      for (int i = lineage.size() - 1; i >= 0; i--) {
        text.append(i == 0 ? "  └─ " : "  ├─ ").append(line(lineage.get(i))).append('\n');
      }
    }
    return text.toString();
  }

  private static String line(Ancestor ancestor) {
    String hash = ancestor.content();
    var facts = new StringBuilder();
    ancestor
        .facts()
        .forEach(
            (name, value) -> facts.append(facts.isEmpty() ? "" : ", ").append(name + " " + value));
    return "%s %s %s%s"
        .formatted(
            ancestor.kind(),
            ancestor.name(),
            hash.substring(0, Math.min(SHORT_HASH, hash.length())),
            facts.isEmpty() ? "" : " (" + facts + ")");
  }

  private static void section(StringBuilder text, String title, Map<String, String> values) {
    if (!values.isEmpty()) {
      text.append("%n%s%n".formatted(title));
      table(text, values);
    }
  }

  private static void table(StringBuilder text, Map<String, String> values) {
    int width = values.keySet().stream().mapToInt(String::length).max().orElse(0);
    values.forEach(
        (name, value) ->
            text.append("  ")
                .append(name)
                .append(" ".repeat(width - name.length() + 2))
                .append(value)
                .append('\n'));
  }

  /** Nested values by dotted name; lists stay as they are. */
  private static Map<String, String> flat(JsonNode json) {
    var flat = new LinkedHashMap<String, String>();
    flatten("", json, flat);
    return flat;
  }

  private static void flatten(String prefix, JsonNode json, Map<String, String> flat) {
    json.properties()
        .forEach(
            entry -> {
              String name = prefix + entry.getKey();
              JsonNode value = entry.getValue();
              if (value.isObject() && !value.isEmpty()) {
                flatten(name + ".", value, flat);
              } else {
                flat.put(name, value.isTextual() ? value.textValue() : value.toString());
              }
            });
  }
}
