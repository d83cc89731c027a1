package dev.whetstone.leaderboard.page;

import static org.assertj.core.api.Assertions.assertThat;

import com.deque.html.axecore.playwright.AxeBuilder;
import com.deque.html.axecore.utilities.axeresults.Rule;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The exported folder, opened from the disk. */
class SiteFromFolderTest extends SiteContract {
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

  /** Not repeated over the web host: the pages are the same. */
  @Test
  void axeFindsNothingSeriousOnAnyPageInEitherThemeAndWidth() {
    for (String address : pages()) {
      page.navigate(root() + address);
      for (ColorScheme theme : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
        page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(theme));
        for (int width : List.of(DESKTOP, PHONE)) {
          page.setViewportSize(width, 844);
          var results = new AxeBuilder(page).setLegacyMode(true).analyze();
          assertThat(results.getViolations())
              .as("%s, %s, %d pixels", address, theme, width)
              .filteredOn(rule -> List.of("serious", "critical").contains(rule.getImpact()))
              .extracting(SiteFromFolderTest::told)
              .isEmpty();
          assertThat(results.getPasses()).isNotEmpty();
        }
      }
    }
  }

  private static String told(Rule rule) {
    return rule.getId() + ": " + rule.getHelp() + " at " + rule.getNodes().get(0).getHtml();
  }
}
