package dev.whetstone.leaderboard.page;

import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.Publish;
import dev.whetstone.leaderboard.entry.Entry;
import dev.whetstone.leaderboard.job.JobReport;
import dev.whetstone.leaderboard.verdict.Comparison;
import dev.whetstone.leaderboard.verdict.Policy;
import dev.whetstone.leaderboard.verdict.Side;
import dev.whetstone.leaderboard.verdict.Verdict;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Publishes a board as a site: judge, lay out the front page, a page for each contender and each
 * result, a sample browser for each comparison, scheduled evaluations, and the same for programs.
 * One renderer for both ways out: a folder that opens anywhere, and the server.
 */
public final class PublishBoard {
  /** Runs of each job that its page has room for. */
  public static final int SHOWN_RUNS = 30;

  /** Tells a site of ours from a folder that must not be written into. */
  private static final String MARK = "api/board.json";

  private final Policy policy;
  private final Clock clock;
  private final Publish limit;

  public PublishBoard(Policy policy, Clock clock) {
    this(policy, clock, Publish.TEXT);
  }

  /**
   * @param limit shows no more than this, whatever tasks and datasets allow
   */
  public PublishBoard(Policy policy, Clock clock, Publish limit) {
    this.policy = policy;
    this.clock = clock;
    this.limit = limit;
  }

  /** As the other, of a board without jobs. */
  public void publish(List<Entry> entries, Path folder) {
    publish(entries, List.of(), folder);
  }

  /**
   * Writes the site into {@code folder}, replacing an earlier one.
   *
   * @throws BadInputException if the folder holds something else
   */
  public void publish(List<Entry> entries, List<JobReport> jobs, Path folder) {
    SiteFolder.write(site(entries, jobs), folder, MARK);
  }

  /**
   * The site: judged now, each page rendered when it is asked for.
   *
   * @param jobs shown on a page of their own where there are any
   */
  public Site site(List<Entry> entries, List<JobReport> jobs) {
    Instant made = clock.instant();
    List<Entry> shown = Redaction.of(entries, limit);
    List<Contenders> contenders = Contenders.of(shown, policy);
    BoardViews views = new BoardViews(contenders, policy, made);
    var site = new SiteBuilder();
    site.assets();
    site.page("index.html", "", "board.jte", () -> views.board(!jobs.isEmpty()));
    if (!jobs.isEmpty()) {
      site.page("schedule.html", "", "schedule.jte", () -> ScheduleViews.of(jobs, shown));
    }
    for (Contenders who : contenders) {
      site.page(Addresses.model(who), "../", "model.jte", () -> views.model(who));
      for (Entry entry : who.entries()) {
        site.page(Addresses.result(entry), "../", "result.jte", () -> views.result(who, entry));
      }
      for (int i = 0; i < who.verdicts().size(); i++) {
        samples(site, views, who, who.sides().get(i), who.verdicts().get(i));
      }
    }
    site.file("table.csv", "text/csv;charset=utf-8", () -> BoardData.csv(contenders, policy));
    // Last: its presence means complete.
    site.file(MARK, "application/json", () -> BoardData.json(contenders, policy, made));
    return site.build();
  }

  private static void samples(
      SiteBuilder site, BoardViews views, Contenders who, Side side, Verdict verdict) {
    Optional<Comparison> by = verdict.comparison();
    if (by.isEmpty()) {
      return;
    }
    if (SampleViews.files(by.get()) == 0) {
      return;
    }
    site.file(Addresses.samplesData(side), "application/json", () -> SampleData.json(by.get()));
    String link = Addresses.model(who);
    for (int file = 1; file <= SampleViews.files(by.get()); file++) {
      int part = file;
      site.page(
          Addresses.samples(side, part),
          "../",
          "samples.jte",
          () -> SampleViews.of(who.name(), link, by.get(), views.badge(side, verdict), part));
    }
  }
}
