package dev.whetstone.leaderboard.page;

import dev.whetstone.artifacts.ContentHash;
import dev.whetstone.leaderboard.entry.Entry;
import dev.whetstone.leaderboard.verdict.Side;
import java.util.Locale;

/**
 * Where pages lie within the site. Names from strangers become harmless; a hash keeps them apart.
 */
final class Addresses {
  private static final int READABLE = 40;
  private static final int HASH_DIGITS = 10;

  private Addresses() {}

  static String model(Contenders who) {
    String identity = who.contender().base() + "\n" + who.contender().adapter();
    return "model/" + slug(who.entries().get(0).name(), identity) + ".html";
  }

  static String result(Entry entry) {
    return "result/" + slug(entry.name(), entry.key()) + ".html";
  }

  /** The {@code page}th file, from 1 on, of the comparison that {@code candidate} stands in. */
  static String samples(Side candidate, int page) {
    String slug =
        slug(
            candidate.entry().name() + "-" + candidate.result().task(),
            candidate.entry().key() + "\n" + candidate.result().task());
    return "samples/" + slug + (page == 1 ? "" : "-" + page) + ".html";
  }

  /** The data of the comparison that {@code candidate} stands in. */
  static String samplesData(Side candidate) {
    return "api/" + samples(candidate, 1).replaceFirst("\\.html$", ".json");
  }

  private static String slug(String name, String identity) {
    String plain = name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
    String shortened = plain.substring(0, Math.min(READABLE, plain.length()));
    return shortened + "-" + ContentHash.sha256(identity).substring(0, HASH_DIGITS);
  }
}
