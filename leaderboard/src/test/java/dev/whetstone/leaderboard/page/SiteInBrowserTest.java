package dev.whetstone.leaderboard.page;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.options.AriaRole;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The site in Debian's Chromium, opened from its folder. */
class SiteInBrowserTest {
  private static final Path CHROMIUM = Path.of("/usr/bin/chromium");

  @TempDir private static Path folder;
  private static Playwright playwright;
  private static Browser browser;

  private final List<String> faults = new ArrayList<>();
  private BrowserContext context;
  private Page page;

  @BeforeAll
  static void start() {
    assumeTrue(Files.isExecutable(CHROMIUM), "not run: " + CHROMIUM + " is missing");
    PublishBoardTest.publisher().publish(PublishBoardTest.entries(folder), folder.resolve("site"));
    playwright =
        Playwright.create(
            new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
    browser =
        playwright
            .chromium()
            .launch(
                new BrowserType.LaunchOptions()
                    .setExecutablePath(CHROMIUM)
                    .setArgs(List.of("--no-sandbox", "--disable-gpu"))); // builds run as root
  }

  @AfterAll
  static void stop() {
    if (playwright != null) {
      browser.close();
      playwright.close();
    }
  }

  @BeforeEach
  void open() {
    open(1280);
    page.navigate(folder.resolve("site/index.html").toUri().toString());
  }

  private void open(int width) {
    context = browser.newContext(new Browser.NewContextOptions().setViewportSize(width, 900));
    page = context.newPage();
    page.setDefaultTimeout(10_000);
    page.onConsoleMessage(
        message -> {
          if (message.type().equals("error") || message.type().equals("warning")) {
            faults.add(message.text());
          }
        });
    page.onPageError(faults::add);
    page.onRequestFailed(request -> faults.add("failed: " + request.url()));
  }

  @AfterEach
  void nothingWasLogged() {
    context.close();
    assertThat(faults).isEmpty();
  }

  private void click(String button) {
    page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName(button).setExact(true))
        .click();
  }

  @Test
  void headerSortsBestFirstAndThenTheOtherWay() {
    click("orders");
    assertThat(page.locator("#board tbody th a").first()).hasText("orders-lora");
    assertThat(page.locator("#board th[aria-sort]")).hasCount(1);
    assertThat(page.locator("#board th[aria-sort]")).hasAttribute("aria-sort", "descending");
    click("orders");
    assertThat(page.locator("#board tbody th a").first()).hasText("SmallModel-135M");
  }

  @Test
  void undefinedCostsStayBelowWhateverTheOrder() {
    click("Tokens trained");
    assertThat(page.locator("#board tbody th a").last()).hasText("SmallModel-135M");
    click("Tokens trained");
    assertThat(page.locator("#board tbody th a").last()).hasText("SmallModel-135M");
  }

  @Test
  void filterShowsWhatWasAskedForAndIsRemembered() {
    page.locator("#kind").selectOption("regressed");
    assertThat(page.locator("#board tbody tr:visible")).hasCount(1);
    page.reload();
    assertThat(page.locator("#board tbody tr:visible")).hasCount(1);
  }

  @Test
  void sampleBrowserFiltersAndDeepLinksOpenTheirDocument() {
    page.locator(".verdict.improved .more").first().click();
    Object broke = page.locator("button[data-group=broke] b").textContent();
    page.locator("button[data-group=broke]").click();
    assertThat(page.locator("article:visible")).hasCount(Integer.parseInt((String) broke));
    page.locator("button[data-group='']").click();
    assertThat(page.locator("article:visible")).hasCount(20);
    String last = page.locator("article").last().getAttribute("id");
    page.navigate(page.url().replaceAll("[?#].*", "") + "#" + last);
    assertThat(page.locator("#" + last)).isVisible();
    assertThat(page.locator("mark").first()).isAttached();
  }

  @Test
  void noPageScrollsSidewaysOnAPhone() throws IOException {
    context.close();
    open(390);
    try (Stream<Path> pages = Files.walk(folder.resolve("site"))) {
      for (Path file : pages.filter(p -> p.toString().endsWith(".html")).toList()) {
        page.navigate(file.toUri().toString());
        assertThat((Integer) page.evaluate("document.documentElement.scrollWidth"))
            .as("%s", file)
            .isLessThanOrEqualTo(390);
      }
    }
  }
}
