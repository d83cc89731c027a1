package dev.whetstone.leaderboard.page;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import dev.whetstone.leaderboard.TinyResults;
import dev.whetstone.leaderboard.entry.Entry;
import dev.whetstone.leaderboard.intake.ResultReader;
import dev.whetstone.leaderboard.job.Job;
import dev.whetstone.leaderboard.job.JobReport;
import dev.whetstone.leaderboard.job.JobRun;
import dev.whetstone.leaderboard.job.JobRun.State;
import dev.whetstone.leaderboard.job.JobRun.TaskVerdict;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What readers do with the site in a browser, wherever it is opened from. */
abstract class SiteContract {
  @RegisterExtension static final OneBrowser BROWSER = new OneBrowser();

  static final int DESKTOP = 1280;
  static final int PHONE = 390;
  private static final int DOCUMENTS = 60;

  final List<String> faults = new ArrayList<>();
  BrowserContext context;
  Page page;

  /** Address of the site's folder, with a slash at its end. */
  abstract String root();

  /** The site's folder, for walking over its pages. */
  abstract Path folder();

  /** A base model at two prompts, an adapter that learnt and one that forgot; some cells empty. */
  static Path publish(Path work) {
    List<Entry> entries =
        List.of(
            read(TinyResults.ofBase("SmallModel-135M", 0).right(0.02, 0.45, 1), work.resolve("a")),
            read(TinyResults.ofBase("SmallModel-135M", 3).right(0.22, 0.45, 1), work.resolve("b")),
            read(
                TinyResults.ofAdapter("SmallModel-135M", "orders-lora").right(0.95, 0.48, 2),
                work.resolve("c")),
            read(
                TinyResults.ofAdapter("SmallModel-135M", "orders-lora-overtrained")
                    .right(0.6, 0.1, 3),
                work.resolve("d")));
    PublishBoardTest.publisher().publish(entries, nightly(entries), work.resolve("site"));
    return work.resolve("site");
  }

  /** A job with one run that was judged and a later one that failed. */
  static List<JobReport> nightly(List<Entry> entries) {
    Instant due = Instant.parse("2026-01-02T03:00:00Z");
    Instant later = due.plusSeconds(86_400);
    var job =
        new Job(
            "nightly",
            "0 3 * * *",
            ZoneOffset.UTC,
            Path.of("/data"),
            List.of("--model", "/data/models/small", "--tasks", "orders"),
            entries.get(0).key(),
            later.plusSeconds(86_400));
    var verdict =
        new TaskVerdict(
            "orders", "regressed", "−20.0 points json exact match over SmallModel-135M (0-shot).");
    var judged =
        new JobRun(
            "nightly",
            due,
            due,
            0,
            State.DONE,
            Optional.of(due.plusSeconds(95)),
            OptionalInt.of(0),
            "",
            Optional.of(entries.get(3).key()),
            List.of(verdict),
            Optional.empty());
    var failed =
        new JobRun(
            "nightly",
            later,
            later,
            0,
            State.FAILED,
            Optional.of(later.plusSeconds(2)),
            OptionalInt.of(2),
            "/data/models/small: expected a model folder here, found none.",
            Optional.empty(),
            List.of(),
            Optional.empty());
    return List.of(new JobReport(job, List.of(failed, judged)));
  }

  private static Entry read(TinyResults result, Path folder) {
    return ResultReader.read(result.documents(DOCUMENTS).write(folder), "");
  }

  @BeforeEach
  void openTheBoard() {
    open(new Browser.NewContextOptions().setViewportSize(DESKTOP, 900));
    page.navigate(root() + "index.html");
  }

  final void open(Browser.NewContextOptions options) {
    if (context != null) {
      context.close();
    }
    context = BROWSER.get().newContext(options);
    context.setDefaultTimeout(10_000);
    page = context.newPage();
    page.onConsoleMessage(
        message -> {
          if (message.type().equals("error") || message.type().equals("warning")) {
            faults.add(page.url() + ": " + message.text());
          }
        });
    page.onPageError(fault -> faults.add(page.url() + ": " + fault));
    page.onRequestFailed(request -> faults.add("failed: " + request.url()));
  }

  @AfterEach
  void nothingWasLogged() {
    context.close();
    assertThat(faults).isEmpty();
  }

  /** Addresses of all pages of a site, from its folder on. */
  static List<String> pages(Path site) {
    try (Stream<Path> files = Files.walk(site)) {
      return files
          .filter(file -> file.toString().endsWith(".html"))
          .map(file -> site.relativize(file).toString().replace('\\', '/'))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Locator button(String name) {
    return page.getByRole(
        AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name).setExact(true));
  }

  private Locator names() {
    return page.locator("#board tbody tr:visible th a");
  }

  private static Pattern query(String query) {
    return Pattern.compile(".*index\\.html" + query.replace("?", "\\?") + "$");
  }

  @Test
  void firstClickPutsTheBestOnTopAndTheSecondTurnsItRound() {
    button("orders").click();
    assertThat(names().first()).hasText("orders-lora");
    assertThat(page.locator("#board th[aria-sort]")).hasCount(1);
    assertThat(page.locator("#board th[aria-sort]")).hasAttribute("aria-sort", "descending");
    button("orders").click();
    assertThat(names().first()).hasText("SmallModel-135M");
    assertThat(page.locator("#board th[aria-sort]")).hasAttribute("aria-sort", "ascending");
    button("general").click();
    assertThat(page.locator("#board th[aria-sort]")).hasCount(1);
    assertThat(page.locator("#board th[aria-sort]")).hasAttribute("aria-sort", "descending");
  }

  @Test
  void undefinedCostsStayBelowWhateverTheOrder() {
    button("Tokens trained").click();
    assertThat(names().last()).hasText("SmallModel-135M");
    button("Tokens trained").click();
    assertThat(names().last()).hasText("SmallModel-135M");
  }

  @Test
  void addressHoldsTheViewAndLeavesDefaultsOut() {
    assertThat(page).hasURL(query(""));
    button("orders").click();
    page.locator("#kind").selectOption("adapter");
    page.locator("#find").fill("lora");
    assertThat(page).hasURL(query("?sort=orders&show=adapter&find=lora"));
    page.reload();
    assertThat(names()).hasText(new String[] {"orders-lora", "orders-lora-overtrained"});
    assertThat(page.locator("#shown")).hasText("2 of 3 rows");
    assertThat(page.locator("#find")).hasValue("lora");
    assertThat(page.locator("#kind")).hasValue("adapter");
    button("orders").click();
    assertThat(page).hasURL(query("?sort=-orders&show=adapter&find=lora"));
    page.locator("#find").fill("");
    page.locator("#kind").selectOption("");
    assertThat(page).hasURL(query("?sort=-orders"));
    assertThat(names()).hasCount(3);
    assertThat(page.locator("#shown")).hasText("");
  }

  @Test
  void backUndoesAChoiceAndComesBackToTheView() {
    page.locator("#kind").selectOption("regressed");
    button("general").click();
    assertThat(names()).hasText(new String[] {"orders-lora-overtrained"});
    page.goBack();
    assertThat(page.locator("#board th[aria-sort]")).hasCount(0);
    names().first().click();
    assertThat(page.locator("h1")).hasText("orders-lora-overtrained");
    page.goBack();
    assertThat(names()).hasText(new String[] {"orders-lora-overtrained"});
    assertThat(page.locator("#kind")).hasValue("regressed");
    page.goBack();
    assertThat(names()).hasCount(3);
    assertThat(page.locator("#kind")).hasValue("");
  }

  @Test
  void nonsenseInTheAddressShowsTheWholeBoard() {
    page.navigate(root() + "index.html?sort=%3Cscript%3E&show=nothing&page=-7");
    assertThat(names()).hasCount(3);
    assertThat(page.locator("#board th[aria-sort]")).hasCount(0);
  }

  private void openSamples() {
    page.locator(".verdict.improved .more").first().click();
    assertThat(page.locator("#documents")).isVisible();
  }

  private Locator group(String show) {
    return page.locator(".filters button[data-show='" + show + "']");
  }

  private int count(String show) {
    return Integer.parseInt(group(show).locator("b").textContent());
  }

  @Test
  void sampleBrowserShowsWhatFlippedAndWhatIsWrong() {
    openSamples();
    assertThat(count("")).isEqualTo(DOCUMENTS);
    assertThat(count("flipped")).isEqualTo(count("fixed") + count("broke"));
    assertThat(count("missed")).isEqualTo(count("wrong") + count("broke")).isPositive();
    group("missed").click();
    assertThat(page.locator("article:visible")).hasCount(count("missed"));
    assertThat(page.locator("article:visible .badge.fixed")).hasCount(0);
    assertThat(page).hasURL(Pattern.compile(".*\\?show=missed$"));
    page.reload();
    assertThat(group("missed")).hasAttribute("aria-pressed", "true");
    assertThat(page.locator("article:visible")).hasCount(count("missed"));
    page.goBack();
    assertThat(group("")).hasAttribute("aria-pressed", "true");
    assertThat(page.locator("article:visible")).hasCount(20);
  }

  @Test
  void sampleBrowserFindsWordsAndTurnsPages() {
    openSamples();
    page.locator("#find").fill("Steel KETTLE");
    Locator found = page.locator("article:visible");
    assertThat(found).hasCount(DOCUMENTS / 6);
    assertThat(found.first().locator("pre").first()).containsText("steel kettle");
    page.locator("#find").fill("");
    button("Next").click();
    assertThat(page.locator("#place")).hasText("Page 2 of 3");
    assertThat(page).hasURL(Pattern.compile(".*\\?page=2$"));
    assertThat(page.locator("article:focus")).isInViewport();
    page.goBack();
    assertThat(page.locator("#place")).hasText("Page 1 of 3");
    page.locator("#find").fill("no such words");
    assertThat(page.locator("#shown")).hasText("No such document.");
  }

  @Test
  void linkToOneDocumentOpensItWhateverWasFiltered() {
    openSamples();
    String samples = page.url();
    String last = page.locator("article").last().getAttribute("id");
    for (String query : List.of("", "?show=broke", "?find=nowhere&page=2")) {
      page.navigate("about:blank");
      page.navigate(samples + query + "#" + last);
      Locator document = page.locator("#" + last);
      assertThat(document).isVisible();
      assertThat(document).isInViewport();
      assertThat(document).isFocused();
    }
    page.locator("article:visible h3 a").first().click();
    assertThat(page.locator("article:visible").first()).isFocused();
  }

  @Test
  void wordsThatTheExpectedAnswerLacksAreMarked() {
    openSamples();
    Locator wrong = page.locator("article[data-group=wrong]:has(mark)").first();
    String expected = wrong.locator(".answers > div").first().locator("pre").textContent();
    assertThat(expected).doesNotContain(wrong.locator("mark").first().textContent().strip());
    assertThat(page.locator("article[data-group=right] mark")).hasCount(0);
  }

  /** Playwright's own waiting evaluates text within the page, which our policy forbids. */
  private void waitUntil(String condition) {
    page.waitForCondition(() -> (Boolean) page.evaluate(condition));
  }

  private String paper() {
    return (String) page.evaluate("getComputedStyle(document.body).backgroundColor");
  }

  @Test
  void themeFollowsTheSystemUntilTheReaderChooses() {
    String light = paper();
    page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(ColorScheme.DARK));
    String dark = paper();
    assertThat(dark).isNotEqualTo(light);
    assertThat(button("Dark")).hasAttribute("aria-pressed", "true");
    button("Dark").click();
    assertThat(paper()).isEqualTo(light);
    page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(ColorScheme.LIGHT));
    button("Dark").click();
    assertThat(paper()).isEqualTo(dark);
    assertThat(button("Dark")).hasAttribute("aria-pressed", "true");
  }

  @Test
  void chosenThemeIsRememberedAndNoFrameShowsTheOther() {
    button("Dark").click();
    String dark = paper();
    page.addInitScript(
        """
        window.frames_seen = [];
        const look = () => {
          if (document.body) window.frames_seen.push(getComputedStyle(document.body).backgroundColor);
          requestAnimationFrame(look);
        };
        requestAnimationFrame(look);
        """);
    names().first().click();
    assertThat(page.locator("h1")).hasText("SmallModel-135M");
    waitUntil("window.frames_seen.length > 3");
    assertThat((List<?>) page.evaluate("[...new Set(window.frames_seen)]"))
        .isEqualTo(List.of(dark));
    page.reload();
    assertThat(paper()).isEqualTo(dark);
  }

  @Test
  void everyPageOpensWithoutAFaultAndKeepsWithinAPhone() {
    for (int width : List.of(DESKTOP, PHONE)) {
      page.setViewportSize(width, 844);
      for (String address : pages(folder())) {
        page.navigate(root() + address);
        assertThat((Integer) page.evaluate("document.documentElement.scrollWidth"))
            .as("%s at %d pixels", address, width)
            .isLessThanOrEqualTo(width);
        assertThat((List<?>) page.evaluate(STICKING_OUT))
            .as("%s at %d pixels: what sticks out or is cut off", address, width)
            .isEmpty();
      }
    }
  }

  /** Visible elements that reach over the page's or a clipping parent's edge. */
  private static final String STICKING_OUT =
      """
      [...document.querySelectorAll('main *, header *, footer *')].filter(element => {
        const box = element.getBoundingClientRect();
        if (box.width === 0 || box.height === 0 || element.closest('.unseen, svg')) return false;
        const sheet = element.closest('.sheet');
        const canScroll = sheet && sheet.tabIndex === 0 && sheet.scrollWidth > sheet.clientWidth;
        return !canScroll && (box.right > innerWidth + 1 || box.left < -1);
      }).map(element => element.outerHTML.slice(0, 120))
      """;

  @Test
  void phoneShowsReadableCardsThatCanBeSorted() {
    page.setViewportSize(PHONE, 844);
    assertThat(page.locator("#board thead")).isHidden();
    assertThat(page.locator("#board td[data-label=orders]").first()).isVisible();
    page.locator("#sort").selectOption("orders");
    assertThat(names().first()).hasText("orders-lora");
    assertThat(page).hasURL(query("?sort=orders"));
  }

  @Test
  void tableThatIsTooWideScrollsByKeyboard() {
    page.setViewportSize(800, 700);
    Locator sheet = page.locator(".sheet");
    assertThat(sheet).hasAttribute("tabindex", "0");
    sheet.focus();
    page.keyboard().press("End");
    page.keyboard().press("ArrowRight");
    waitUntil("document.querySelector('.sheet').scrollLeft > 0");
    Locator name = page.locator("#board tbody th").first();
    assertThat(name.boundingBox().x).isGreaterThanOrEqualTo(0); // the first column stays in sight
  }

  private void tabTo(String selector) {
    for (int i = 0; i < 60; i++) {
      page.keyboard().press("Tab");
      if ((Boolean)
          page.evaluate("selector => document.activeElement.matches(selector)", selector)) {
        return;
      }
    }
    throw new AssertionError("the Tab key does not reach " + selector);
  }

  private void focusIsVisible() {
    assertThat(
            (String)
                page.evaluate(
                    "(style => style.outlineStyle + ' ' +"
                        + " style.outlineWidth)(getComputedStyle(document.activeElement))"))
        .isEqualTo("solid 2px");
  }

  @Test
  void keyboardAloneReachesAndWorksEverything() {
    page.keyboard().press("Tab");
    Locator skip = page.locator(".skip");
    assertThat(skip).isFocused();
    assertThat(skip).isInViewport();
    focusIsVisible();
    page.keyboard().press("Enter");
    assertThat(page.locator("#main")).isFocused();
    tabTo("#find");
    focusIsVisible();
    page.keyboard().type("lora");
    assertThat(names()).hasCount(2);
    tabTo("#kind");
    focusIsVisible();
    page.keyboard().press("r"); // "regressed somewhere"
    assertThat(names()).hasText(new String[] {"orders-lora-overtrained"});
    tabTo("#board th:nth-child(3) button");
    focusIsVisible();
    page.keyboard().press("Enter");
    assertThat(page.locator("#board th[aria-sort]")).hasAttribute("aria-sort", "descending");
    assertThat(page.locator("#board th[aria-sort] button")).isFocused();
    tabTo("#board tbody a");
    focusIsVisible();
    page.keyboard().press("Enter");
    assertThat(page.locator("h1")).hasText("orders-lora-overtrained");
    tabTo(".verdict .more");
    page.keyboard().press("Enter");
    assertThat(page.locator("#documents")).isVisible();
    tabTo(".filters button[data-show=flipped]");
    focusIsVisible();
    page.keyboard().press("Space");
    assertThat(group("flipped")).hasAttribute("aria-pressed", "true");
    tabTo("article h3 a");
    focusIsVisible();
    page.keyboard().press("Enter");
    assertThat(page.locator("article:focus")).isInViewport();
  }

  @Test
  void pagesAreWholeWithoutScript() {
    open(new Browser.NewContextOptions().setJavaScriptEnabled(false));
    page.navigate(root() + "index.html");
    assertThat(names()).hasCount(3);
    assertThat(page.locator(".tools")).isHidden();
    assertThat(page.locator("#theme")).isHidden();
    openSamples();
    assertThat(page.locator("article:visible")).hasCount(DOCUMENTS);
    assertThat(page.locator(".tools")).isHidden();
  }
}
