package dev.whetstone.models.engine.hub.remote;

import dev.whetstone.artifacts.ArtifactFolder;
import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.InputFile;
import dev.whetstone.artifacts.model.AdapterFolder;
import dev.whetstone.artifacts.model.ModelFolder;
import dev.whetstone.artifacts.tensors.TensorSource;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What of a folder others may get. What is published cannot be taken back, so a folder with
 * anything doubtful in it is refused whole, with all doubts at once.
 */
final class PushFolder {
  /** Larger files are weights; a tokenizer is mostly smaller. */
  private static final long MAX_SCANNED_BYTES = 32L << 20;

  private static final Pattern SECRET_NAME =
      Pattern.compile(
          "\\.env.*|\\.?netrc|id_(rsa|dsa|ecdsa|ed25519).*|.*\\.(pem|key|p12|pfx|jks|kdbx)"
              + "|\\.?(credentials|secrets?|token)(\\.(json|ya?ml|txt|toml))?|\\.npmrc|\\.pypirc");

  private static final Map<String, Pattern> SECRETS = secrets();

  /** Pickles, which nobody should have to open, and state of trainers. */
  private static final Pattern PICKLE = Pattern.compile(".*\\.(bin|pt|pth|pkl|pickle|ckpt|joblib)");

  private static final Pattern WEIGHTS = Pattern.compile(".*\\.(safetensors|gguf)");

  private PushFolder() {}

  private static Map<String, Pattern> secrets() {
    var secrets = new LinkedHashMap<String, Pattern>();
    secrets.put("a Hugging Face token", Pattern.compile("\\bhf_[A-Za-z0-9]{30,}\\b"));
    secrets.put("a GitHub token", Pattern.compile("\\bgh[pousr]_[A-Za-z0-9]{36,}\\b"));
    secrets.put("an AWS key", Pattern.compile("\\bAKIA[0-9A-Z]{16}\\b"));
    secrets.put("an API key", Pattern.compile("\\bsk-[A-Za-z0-9_-]{32,}"));
    secrets.put("a private key", Pattern.compile("-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----"));
    return secrets;
  }

  /**
   * Looks at a model or adapter folder.
   *
   * @param token of the hub, which must stand in no file
   * @return its files, by path
   * @throws BadInputException if it is incomplete, or holds what looks like a secret, or a link to
   *     somewhere else
   */
  static List<LocalFile> read(Path folder, Optional<String> token) {
    if (ArtifactFolder.isUnfinished(folder)) {
      throw new BadInputException(
          folder + ": unfinished; run the command that makes it to its end first.");
    }
    checkWhole(folder);
    var faults = new ArrayList<String>();
    var wanted = new ArrayList<Path>();
    for (Path file : files(folder)) {
      String name = file.getFileName().toString();
      String path = folder.relativize(file).toString();
      if (SECRET_NAME.matcher(name.toLowerCase(Locale.ROOT)).matches()) {
        faults.add(path + " looks like a secret");
      } else if (!isInside(folder, file)) {
        faults.add(path + " is no plain file of this folder");
      } else if (isOurs(path) || PICKLE.matcher(name).matches()) {
        System.err.printf("push: left out %s%n", path);
      } else {
        secretIn(file, token).ifPresent(what -> faults.add(path + " holds " + what));
        wanted.add(file);
      }
    }
    if (!faults.isEmpty()) {
      throw new BadInputException(
          "%s: expected nothing that others must not see, found: %s; move it out of the folder."
              .formatted(folder, String.join("; ", faults)));
    }
    return wanted.stream().map(file -> LocalFile.of(folder, file)).toList();
  }

  private static void checkWhole(Path folder) {
    if (Files.exists(folder.resolve(AdapterFolder.CONFIG_FILE))) {
      AdapterFolder unused = AdapterFolder.open(folder);
      return;
    }
    ModelFolder model = ModelFolder.open(folder);
    try (TensorSource weights = model.weights()) { // every shard that the index names
      if (weights.names().isEmpty()) {
        throw new BadInputException(folder + ": expected weights, found none.");
      }
    }
  }

  private static List<Path> files(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(file -> !Files.isDirectory(file)).sorted().toList();
    } catch (IOException e) {
      throw InputFile.unreadable(folder, "a folder", e);
    }
  }

  private static boolean isInside(Path folder, Path file) {
    try {
      return Files.isRegularFile(file) && file.toRealPath().startsWith(folder.toRealPath());
    } catch (IOException e) { // a link to nowhere
      return false;
    }
  }

  /** Hidden files belong to tools; where the files once came from is nobody's business. */
  private static boolean isOurs(String path) {
    return path.startsWith(".")
        || path.contains("/.")
        || path.contains("\\.")
        || path.equals(FetchRecord.FILE);
  }

  private static Optional<String> secretIn(Path file, Optional<String> token) {
    try {
      if (Files.size(file) > MAX_SCANNED_BYTES
          || WEIGHTS.matcher(file.getFileName().toString()).matches()) {
        return Optional.empty();
      }
      String text = Files.readString(file, StandardCharsets.ISO_8859_1);
      if (token.isPresent() && text.contains(token.get())) {
        return Optional.of("your token");
      }
      return SECRETS.entrySet().stream()
          .filter(secret -> secret.getValue().matcher(text).find())
          .map(Map.Entry::getKey)
          .findFirst();
    } catch (IOException e) {
      throw InputFile.unreadable(file, "a file", e);
    }
  }
}
