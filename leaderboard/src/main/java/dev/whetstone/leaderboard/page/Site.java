package dev.whetstone.leaderboard.page;

import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A board laid out as files. A page is rendered when its bytes are asked for, so that a site of any
 * size can be written or served without being held whole. Never changes; safe to share.
 */
public final class Site {
  private final Map<String, SiteFile> files;

  Site(Collection<SiteFile> files) {
    var byPath = new LinkedHashMap<String, SiteFile>();
    for (SiteFile file : files) {
      if (byPath.put(file.path(), file) != null) {
        throw new IllegalArgumentException("two files at " + file.path());
      }
    }
    this.files = Collections.unmodifiableMap(byPath);
  }

  /** In the order in which they should be written; the last one marks the site as complete. */
  public Collection<SiteFile> files() {
    return files.values();
  }

  public Optional<SiteFile> find(String path) {
    return Optional.ofNullable(files.get(path));
  }
}
