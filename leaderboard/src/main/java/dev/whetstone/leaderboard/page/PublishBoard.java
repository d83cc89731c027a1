package dev.whetstone.leaderboard.page;

import dev.whetstone.artifacts.ArtifactFolder;
import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.leaderboard.entry.Entry;
import dev.whetstone.leaderboard.page.Views.Samples;
import dev.whetstone.leaderboard.verdict.Comparison;
import dev.whetstone.leaderboard.verdict.Policy;
import dev.whetstone.leaderboard.verdict.Side;
import dev.whetstone.leaderboard.verdict.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Publishes a board as a static site: judge, lay out the front page, a page for each contender and
 * each result, a sample browser for each comparison, and the same for programs. It opens from any
 * web host and from a folder.
 */
public final class PublishBoard {
  /** Tells a site of ours from a folder that must not be written into. */
  private static final String MARK = "api/board.json";

  private final Policy policy;
  private final Clock clock;

  public PublishBoard(Policy policy, Clock clock) {
    this.policy = policy;
    this.clock = clock;
  }

  /**
   * Writes the site of {@code entries} into {@code folder}, replacing an earlier one.
   *
   * @throws BadInputException if the folder holds something else
   */
  public void publish(List<Entry> entries, Path folder) {
    Instant made = clock.instant();
    List<Contenders> contenders = Contenders.of(entries, policy);
    BoardViews views = new BoardViews(contenders, policy, made);
    clear(folder);
    var site = new SiteWriter(folder);
    site.assets();
    site.page("index.html", "", "board.jte", views.board());
    for (Contenders who : contenders) {
      site.page(Addresses.model(who), "../", "model.jte", views.model(who));
      for (Entry entry : who.entries()) {
        site.page(Addresses.result(entry), "../", "result.jte", views.result(who, entry));
      }
      for (int i = 0; i < who.verdicts().size(); i++) {
        publishSamples(site, views, who, who.sides().get(i), who.verdicts().get(i));
      }
    }
    site.file("table.csv", BoardData.csv(contenders, policy));
    site.file(MARK, BoardData.json(contenders, policy, made)); // last: its presence means complete
  }

  private static void publishSamples(
      SiteWriter site, BoardViews views, Contenders who, Side side, Verdict verdict) {
    Optional<Comparison> by = verdict.comparison();
    if (by.isEmpty()) {
      return;
    }
    List<Samples> files =
        SampleViews.of(who.name(), Addresses.model(who), by.get(), views.badge(side, verdict));
    for (int i = 0; i < files.size(); i++) {
      site.page(Addresses.samples(side, i + 1), "../", "samples.jte", files.get(i));
    }
  }

  private static void clear(Path folder) {
    if (!Files.exists(folder)) {
      return;
    }
    if (!Files.isRegularFile(folder.resolve(MARK)) && !isEmpty(folder)) {
      throw new BadInputException(
          folder
              + ": expected a new folder or a site of ours, found other files; choose another"
              + " --out.");
    }
    ArtifactFolder.delete(folder);
  }

  private static boolean isEmpty(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files.findAny().isEmpty();
    } catch (IOException e) {
      throw new BadInputException(folder + ": expected a folder, found something else.", e);
    }
  }
}
