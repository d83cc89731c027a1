package dev.whetstone.leaderboard.page;

import dev.whetstone.artifacts.Ancestor;
import dev.whetstone.leaderboard.page.Views.Fact;
import dev.whetstone.leaderboard.page.Views.Part;
import dev.whetstone.leaderboard.page.Views.Step;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/** A lineage as boxes from the raw rows to the adapter, with a bar of what was kept and dropped. */
final class LineageSteps {
  private static final Pattern WHOLE = Pattern.compile("\\d{1,15}");
  private static final Pattern DECIMAL = Pattern.compile("-?\\d+\\.\\d{4,}");
  private static final Pattern HASH = Pattern.compile("sha256:[0-9a-f]{64}");
  private static final String KEPT = "kept";
  private static final String DROPPED = "dropped";
  private static final int HASH_SHOWN = 19; // "sha256:" and 12 digits

  private LineageSteps() {}

  static List<Step> of(List<Ancestor> lineage) {
    return lineage.stream().map(LineageSteps::step).toList();
  }

  private static Step step(Ancestor link) {
    var facts = new ArrayList<Fact>();
    link.facts().entrySet().stream()
        .sorted(Comparator.comparing(fact -> isReason(fact.getKey())))
        .forEach(fact -> facts.add(Fact.of(spaced(fact.getKey()), readable(fact.getValue()))));
    String hash = link.content();
    return new Step(
        link.kind(),
        link.name(),
        hash.substring(0, Math.min(HASH_SHOWN, hash.length())),
        facts,
        link.kind().equals("dataset") ? parts(link.facts()) : List.of());
  }

  /** Rows kept, then dropped by reason, as shares of all rows; none where they are not told. */
  private static List<Part> parts(Map<String, String> facts) {
    var counts = new ArrayList<Map.Entry<String, Long>>();
    facts.forEach(
        (name, value) -> {
          String key = name.toLowerCase(Locale.ROOT);
          boolean isCount = isKept(key) || isReason(key);
          if (isCount && WHOLE.matcher(value).matches()) {
            counts.add(Map.entry(name, Long.parseLong(value)));
          }
        });
    counts.sort((a, b) -> Boolean.compare(isReason(a.getKey()), isReason(b.getKey())));
    long all = counts.stream().mapToLong(Map.Entry::getValue).sum();
    var parts = new ArrayList<Part>();
    double at = 0;
    for (Map.Entry<String, Long> count : counts) {
      double width = all == 0 ? 0 : ErrorBar.WIDTH * count.getValue() / all;
      parts.add(
          new Part(
              spaced(count.getKey()),
              Numbers.count(count.getValue()),
              !isReason(count.getKey()),
              String.format(Locale.ROOT, "%.2f", at),
              String.format(Locale.ROOT, "%.2f", width)));
      at += width;
    }
    return parts.size() < 2 ? List.of() : parts;
  }

  /** {@code kept}, or {@code kept train} where it is told by split. */
  private static boolean isKept(String name) {
    return name.startsWith(KEPT);
  }

  /** {@code dropped.tooLong} is a reason; {@code dropped} alone is their sum. */
  private static boolean isReason(String name) {
    return name.startsWith(DROPPED) && name.length() > DROPPED.length();
  }

  private static String spaced(String name) {
    return name.replaceAll("([a-z])([A-Z])", "$1 $2")
        .replaceAll("[_./]+", " ")
        .toLowerCase(Locale.ROOT);
  }

  private static String readable(String value) {
    if (WHOLE.matcher(value).matches()) {
      return Numbers.count(Long.parseLong(value));
    }
    if (HASH.matcher(value).matches()) {
      return value.substring(0, HASH_SHOWN);
    }
    return DECIMAL.matcher(value).matches()
        ? String.format(Locale.ROOT, "%.4g", Double.parseDouble(value))
        : value;
  }
}
