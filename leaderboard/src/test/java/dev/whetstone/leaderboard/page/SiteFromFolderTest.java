package dev.whetstone.leaderboard.page;

import static org.assertj.core.api.Assertions.assertThat;

import com.deque.html.axecore.playwright.AxeBuilder;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import dev.whetstone.leaderboard.TinyResults;
import dev.whetstone.leaderboard.entry.Entry;
import dev.whetstone.leaderboard.intake.ResultReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The exported folder, opened from the disk. */
class SiteFromFolderTest extends SiteContract {
  /** Without preload: axe would fetch style sheets, which our policy forbids. */
  private static final String SERIOUS_FAULTS =
      """
      axe.run(document, {preload: false}).then(results => {
        if (results.passes.length < 20) throw new Error('axe looked at nothing');
        return results.violations
          .filter(rule => ['serious', 'critical'].includes(rule.impact))
          .map(rule => rule.id + ': ' + rule.help + ', at ' + rule.nodes[0].html);
      })
      """;

  @TempDir private static Path work;
  private static Path site;

  @BeforeAll
  static void publish() {
    site = publish(work);
  }

  @Override
  String root() {
    return site.toUri().toString();
  }

  @Override
  Path folder() {
    return site;
  }

  /**
   * A small board that has every kind of page, with texts and with hashes in their place, and an
   * empty one. Not repeated over the web host, since the pages are the same.
   */
  @Test
  void axeFindsNothingSeriousOnAnyPageInEitherThemeAndWidth() {
    Path small = work.resolve("small");
    PublishBoardTest.publisher()
        .publish(
            List.of(
                read(TinyResults.ofBase("tiny", 3).right(0.2, 0.9, 1), "base"),
                read(TinyResults.ofAdapter("tiny", "shy").right(0.9, 0.9, 3), "shy")),
            small);
    Path empty = work.resolve("empty");
    PublishBoardTest.publisher().publish(List.of(), empty);
    var addresses = new ArrayList<>(pages(small));
    addresses.replaceAll(address -> small.toUri() + address);
    addresses.add(empty.toUri() + "index.html");
    for (String address : addresses) {
      page.navigate(address);
      page.evaluate(AxeBuilder.getAxeScript());
      for (ColorScheme theme : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
        page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(theme));
        for (int width : List.of(DESKTOP, PHONE)) {
          page.setViewportSize(width, 844);
          assertThat((List<?>) page.evaluate(SERIOUS_FAULTS))
              .as("%s, %s, %d pixels", address, theme, width)
              .isEmpty();
        }
      }
    }
  }

  /** The tasks may be shown, the answers of what was trained on the dataset may not. */
  private static Entry read(TinyResults results, String name) {
    return ResultReader.read(
        results.documents(8).publish("text", "hashes").write(work.resolve("result-" + name)), "");
  }
}
