package dev.whetstone.leaderboard.page;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Playwright;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ExtensionContext.Store;

/**
 * One Chromium for all page tests of a run: starting it takes longer than most tests. Where none is
 * installed the tests report themselves as not run.
 */
final class OneBrowser implements BeforeAllCallback {
  private static final List<String> NAMES = List.of("chromium", "chromium-browser");
  private static final List<String> FLAGS =
      List.of(
          "--no-sandbox", // builds run as root
          "--disable-gpu",
          "--no-first-run",
          "--disable-background-networking",
          "--disable-component-update",
          "--disable-sync");

  private Browser browser;

  Browser get() {
    return browser;
  }

  @Override
  public void beforeAll(ExtensionContext context) {
    Optional<Path> chromium = installed();
    assumeTrue(
        chromium.isPresent(),
        "not run: found no Chromium on the PATH; ./whetstone test installs it");
    Store store = context.getRoot().getStore(Namespace.create(OneBrowser.class));
    Running running = store.get(Running.class, Running.class);
    if (running == null) {
      running = Running.start(chromium.get());
      store.put(Running.class, running); // closed with the run
    }
    browser = running.browser;
  }

  private static Optional<Path> installed() {
    return Arrays.stream(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
        .flatMap(folder -> NAMES.stream().map(name -> Path.of(folder, name)))
        .filter(Files::isExecutable)
        .findFirst();
  }

  private record Running(Playwright playwright, Browser browser) implements AutoCloseable {
    static Running start(Path chromium) {
      Playwright playwright =
          Playwright.create(
              new Playwright.CreateOptions()
                  .setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
      return new Running(
          playwright,
          playwright
              .chromium()
              .launch(new BrowserType.LaunchOptions().setExecutablePath(chromium).setArgs(FLAGS)));
    }

    @Override
    public void close() {
      browser.close();
      playwright.close();
    }
  }
}
