package dev.whetstone.artifacts.home;

import dev.whetstone.artifacts.WhetstoneHome;
import dev.whetstone.artifacts.home.HomeFolder.Entry;
import dev.whetstone.artifacts.home.HomeFolder.Kind;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code whetstone gc}: frees space in the folder of fetched models. */
@Command(
    name = "gc",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Shows what lies in WHETSTONE_HOME and deletes what can be had again: without options the",
      "downloads from which models were made. Results on the board are never deleted. Prints the",
      "bytes that were freed."
    },
    footerHeading = "%nExamples:%n",
    footer = {"  whetstone gc --dry-run", "  whetstone gc --models"})
public final class GcCommand implements Callable<Integer> {
  @Option(names = "--models", description = "delete fetched models too")
  private boolean models;

  @Option(names = "--tools", description = "delete environments of tests and notebooks too")
  private boolean tools;

  @Option(names = "--dry-run", description = "only show what would be deleted")
  private boolean dryRun;

  @Override
  public Integer call() {
    Set<Kind> wanted = EnumSet.of(Kind.DOWNLOAD);
    if (models) {
      wanted.add(Kind.MODEL);
    }
    if (tools) {
      wanted.add(Kind.TOOLS);
    }
    var home = new HomeFolder(WhetstoneHome.folder());
    List<Entry> entries = home.entries();
    if (entries.isEmpty()) {
      System.err.println("gc: nothing lies in " + home.path());
    }
    long freed = 0;
    for (Entry entry : entries) {
      boolean goes = wanted.contains(entry.kind());
      System.err.printf(
          Locale.ROOT,
          "%-12s %12s  %s%n",
          goes ? dryRun ? "would delete" : "deleted" : "kept",
          size(entry.bytes()),
          home.path().relativize(entry.path()));
      if (goes) {
        freed += entry.bytes();
        if (!dryRun) {
          home.delete(entry);
        }
      }
    }
    System.out.println(freed);
    return 0;
  }

  private static String size(long bytes) {
    return String.format(Locale.ROOT, "%,.1f MB", bytes / 1e6);
  }
}
