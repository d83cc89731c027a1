package dev.whetstone.workbench;

import dev.whetstone.workbench.step.StepFailedException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code whetstone quickstart}. */
@Command(
    name = "quickstart",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "The whole story on this machine, in minutes: fetches a small model, makes raw orders,"
          + " cleans",
      "them, trains an adapter that turns orders into JSON, measures model and adapter on orders",
      "that neither has seen, and publishes the answer as a site. Prints the site's folder.",
      "A second run does again only what has changed."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  whetstone quickstart",
      "  whetstone quickstart --out out/mine --model models/SmolLM2-135M-Instruct"
    })
final class QuickstartCommand implements Callable<Integer> {
  @Option(
      names = "--out",
      paramLabel = "DIR",
      defaultValue = "out/quickstart",
      description = "folder for all that is made (default: ${DEFAULT-VALUE})")
  private Path out;

  @Option(
      names = "--model",
      paramLabel = "SOURCE",
      defaultValue = Quickstart.MODEL,
      description = "what \"fetch\" understands (default: ${DEFAULT-VALUE})")
  private String model;

  @Option(
      names = "--overwrite",
      description = "replace what another version of the story left in the folder")
  private boolean overwrite;

  @Override
  public Integer call() {
    try {
      System.out.println(Quickstart.of(out, model, overwrite).run());
      return 0;
    } catch (StepFailedException e) {
      System.err.println("whetstone: " + e.getMessage());
      return e.exitCode();
    }
  }
}
