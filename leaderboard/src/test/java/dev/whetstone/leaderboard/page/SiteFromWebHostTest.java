package dev.whetstone.leaderboard.page;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** The exported folder on a web host. */
class SiteFromWebHostTest extends SiteContract {
  @TempDir private static Path work;
  private static Path site;
  private static FolderServer server;

  @BeforeAll
  static void publish() {
    site = publish(work);
    server = new FolderServer(site);
  }

  @AfterAll
  static void stop() {
    if (server != null) {
      server.close();
    }
  }

  @Override
  String root() {
    return server.address();
  }

  @Override
  Path folder() {
    return site;
  }
}
