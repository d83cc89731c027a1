package dev.whetstone.artifacts.model;

import static java.util.Objects.requireNonNull;

import dev.whetstone.artifacts.BadInputException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A repository of a model hub as people spell it: {@code hf:owner/name}, {@code
 * ms:owner/name@revision}, {@code csg:owner/name@revision:folder/file.gguf}.
 *
 * @param revision branch, tag or commit; the hub's main branch where none is given
 * @param file one file of the repository, with {@code /} between its folders
 */
public record HubReference(
    Hub hub, String owner, String name, Optional<String> revision, Optional<String> file) {

  /** The hubs that are known. */
  public enum Hub {
    HUGGING_FACE("hf", "Hugging Face", "main"),
    MODELSCOPE("ms", "ModelScope", "master"),
    OPENCSG("csg", "OpenCSG", "main");

    private final String prefix;
    private final String title;
    private final String mainBranch;

    Hub(String prefix, String title, String mainBranch) {
      this.prefix = prefix;
      this.title = title;
      this.mainBranch = mainBranch;
    }

    /** What stands before the colon. */
    public String prefix() {
      return prefix;
    }

    /** What people call it. */
    public String title() {
      return title;
    }

    /** The branch that is meant where none is named. */
    public String mainBranch() {
      return mainBranch;
    }
  }

  private static final Pattern PREFIX = Pattern.compile("(hf|ms|csg):.*", Pattern.DOTALL);
  private static final String WORD = "[A-Za-z0-9_][A-Za-z0-9._-]{0,95}";
  // What git allows in a name of a branch or tag, as far as hubs show such names.
  private static final String REVISION = "[A-Za-z0-9_][A-Za-z0-9._/+-]{0,199}";
  private static final Pattern SPELLING =
      Pattern.compile("(hf|ms|csg):(%s)/(%s)(?:@(%s))?(?::(.+))?".formatted(WORD, WORD, REVISION));
  private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{40}|[0-9a-f]{64}");

  public HubReference {
    requireNonNull(hub, "hub is null");
    requireNonNull(owner, "owner is null");
    requireNonNull(name, "name is null");
    requireNonNull(revision, "revision is null");
    requireNonNull(file, "file is null");
  }

  /** Whether {@code text} starts like a hub name; it may still be misspelt. */
  public static boolean isOne(String text) {
    return PREFIX.matcher(text).matches();
  }

  /**
   * Reads a spelling.
   *
   * @throws BadInputException if it is none
   */
  public static HubReference parse(String text) {
    Matcher matcher = SPELLING.matcher(text);
    // Git allows no two dots in a row.
    if (!matcher.matches() || String.valueOf(matcher.group(4)).contains("..")) {
      throw new BadInputException(
          "%s: expected hub:owner/name, hub:owner/name@revision or hub:owner/name@revision:file.gguf, with hf, ms or csg as hub."
              .formatted(text));
    }
    Hub hub = Hub.HUGGING_FACE;
    for (Hub known : Hub.values()) {
      if (known.prefix.equals(matcher.group(1))) {
        hub = known;
      }
    }
    return new HubReference(
        hub,
        matcher.group(2),
        matcher.group(3),
        Optional.ofNullable(matcher.group(4)),
        Optional.ofNullable(matcher.group(5)));
  }

  /** Whether {@code revision} is the full hash of a commit, which never comes to mean another. */
  public static boolean isCommit(String revision) {
    return COMMIT.matcher(revision).matches();
  }

  /** {@code owner/name}. */
  public String repository() {
    return owner + "/" + name;
  }

  /** The revision, or the hub's main branch. */
  public String revisionOrMain() {
    return revision.orElse(hub.mainBranch);
  }

  /** The same, pinned to {@code revision}. */
  public HubReference at(String revision) {
    return new HubReference(hub, owner, name, Optional.of(revision), file);
  }

  /** As it is spelt. */
  @Override
  public String toString() {
    return hub.prefix
        + ":"
        + repository()
        + revision.map(r -> "@" + r).orElse("")
        + file.map(f -> ":" + f).orElse("");
  }
}
