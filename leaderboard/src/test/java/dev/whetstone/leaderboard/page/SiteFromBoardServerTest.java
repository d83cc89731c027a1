package dev.whetstone.leaderboard.page;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import dev.whetstone.leaderboard.intake.ResultReader;
import dev.whetstone.leaderboard.store.BoardStore;
import dev.whetstone.leaderboard.web.BoardServer;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The same board from our own server, under its content security policy. */
class SiteFromBoardServerTest extends SiteContract {
  @TempDir private static Path work;
  private static Path site;
  private static BoardServer server;
  private static String root;

  @BeforeAll
  static void serve() {
    site = publish(work);
    BoardStore store = BoardStore.open(work.resolve("board.db"), Clock.systemUTC());
    for (String result : List.of("a", "b", "c", "d")) {
      store.add(ResultReader.read(work.resolve(result), ""));
    }
    PublishBoard publisher = PublishBoardTest.publisher();
    server =
        new BoardServer(
            store,
            () -> publisher.site(store.entries(), nightly(store.entries())),
            Optional.empty());
    root = "http://127.0.0.1:" + server.start("127.0.0.1", 0) + "/";
  }

  @Test
  void scheduleIsOneClickAwayAndTellsVerdictsAndFailures() {
    page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("Scheduled evaluations"))
        .click();
    assertThat(page.locator("h1")).hasText("Scheduled evaluations");
    assertThat(page.locator("td .badge.regressed").last()).hasText("regressed");
    assertThat(page.locator("tbody tr").first())
        .containsText("exit code 2: …/models/small: expected a model folder here");
    page.locator("tbody tr").last().locator("th a").click();
    assertThat(page.locator("h1")).hasText("Result of orders-lora-overtrained");
  }

  @AfterAll
  static void stop() {
    if (server != null) {
      server.close();
    }
  }

  @Override
  String root() {
    return root;
  }

  @Override
  Path folder() {
    return site;
  }
}
