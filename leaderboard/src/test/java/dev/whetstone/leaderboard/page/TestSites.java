package dev.whetstone.leaderboard.page;

import java.util.ArrayList;

/** Sites for tests of other packages. */
public final class TestSites {
  private TestSites() {}

  /** {@code site} and one file more. */
  public static Site with(Site site, SiteFile more) {
    var files = new ArrayList<>(site.files());
    files.add(more);
    return new Site(files);
  }
}
