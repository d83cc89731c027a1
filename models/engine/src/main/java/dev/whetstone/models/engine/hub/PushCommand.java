package dev.whetstone.models.engine.hub;

import dev.whetstone.artifacts.model.HubReference;
import dev.whetstone.models.engine.hub.remote.HubEndpoint;
import dev.whetstone.models.engine.hub.remote.HubPush;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code whetstone push}: takes a model or adapter folder to a hub and prints what is there. */
@Command(
    name = "push",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Takes a model or adapter folder to Hugging Face, ModelScope or OpenCSG, in one commit, and",
      "prints the repository with that commit. The repository is made if it is not there; files",
      "that are there with the same content are not sent."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  HF_TOKEN=... whetstone push out/mine/run/adapter hf:owner/name",
      "  whetstone push models/merged csg:owner/name@v2 --message \"Merged\"",
      "",
      "The token comes from HF_TOKEN, MODELSCOPE_API_TOKEN or CSGHUB_TOKEN."
    })
public final class PushCommand implements Callable<Integer> {
  @Parameters(index = "0", paramLabel = "FOLDER", description = "model or adapter folder")
  private Path folder;

  @Parameters(
      index = "1",
      paramLabel = "TARGET",
      description = "hf:owner/name, ms:owner/name or csg:owner/name, with @branch if not the main")
  private String target;

  @Option(
      names = "--public",
      description = "let everybody read the repository, if it is made now (default: you alone)")
  private boolean isPublic;

  @Option(
      names = "--message",
      paramLabel = "TEXT",
      defaultValue = "Upload with Whetstone",
      description = "of the commit (default: ${DEFAULT-VALUE})")
  private String message;

  @Option(
      names = "--license",
      paramLabel = "ID",
      description = "of a repository that is made now; ModelScope asks for it")
  private String license;

  @Override
  public Integer call() {
    HubReference reference = HubReference.parse(target);
    HubEndpoint endpoint = HubEndpoint.of(reference.hub(), System.getenv());
    try (HubPush push = HubPush.of(endpoint)) {
      System.out.println(
          push.push(
              folder,
              reference,
              new HubPush.Publication(isPublic, Optional.ofNullable(license), message)));
    }
    return 0;
  }
}
