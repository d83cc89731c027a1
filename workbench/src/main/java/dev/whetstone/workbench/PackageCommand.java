package dev.whetstone.workbench;

import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.workbench.distribution.Distribution;
import dev.whetstone.workbench.distribution.TarGzip;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code whetstone package}. */
@Command(
    name = "package",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Packs what was built into an archive that runs with a Java runtime (17 or newer) and bash",
      "alone: no Maven, no git. Native libraries are those of this machine's kind. Equal builds",
      "give equal bytes. Prints the file."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  whetstone package",
      "  whetstone package --without datasets --out whetstone.tar.gz   # no Spark, no prepare"
    })
final class PackageCommand implements Callable<Integer> {
  @Option(
      names = "--out",
      paramLabel = "FILE",
      description = "the archive; default: out/whetstone-VERSION-PLATFORM.tar.gz")
  private Path out;

  @Option(
      names = "--without",
      paramLabel = "ROOM",
      description = "leave a room and its commands out, such as datasets; may be repeated")
  private List<String> without = new ArrayList<>();

  @Override
  public Integer call() {
    String platform = property("platform");
    var rooms = new ArrayList<>(List.of(property("rooms").split(" ")));
    for (String room : without) {
      if (!rooms.remove(room)) {
        throw new BadInputException(
            "--without: unknown room \"%s\"; known: %s.".formatted(room, String.join(", ", rooms)));
      }
    }
    Distribution distribution =
        Distribution.of(
            Path.of(property("home")),
            rooms,
            Map.of(
                "version",
                property("version"),
                "platform",
                platform,
                "commit",
                property("commit"),
                "dirty",
                property("dirty")));
    Path archive =
        out == null ? Path.of("out", distribution.name() + "-" + platform + ".tar.gz") : out;
    TarGzip.write(distribution, archive);
    System.out.println(archive);
    return 0;
  }

  /** What the launcher says. */
  private static String property(String name) {
    return System.getProperty("whetstone." + name, "unknown");
  }
}
