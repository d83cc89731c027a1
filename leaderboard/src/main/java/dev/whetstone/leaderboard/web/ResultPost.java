package dev.whetstone.leaderboard.web;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.whetstone.artifacts.ArtifactFolder;
import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.Json;
import dev.whetstone.leaderboard.entry.Entry;
import dev.whetstone.leaderboard.intake.ResultArchive;
import dev.whetstone.leaderboard.intake.ResultReader;
import dev.whetstone.leaderboard.store.BoardStore;
import io.javalin.http.Context;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code POST /api/results}: a packed result folder, taken in as {@code board add} takes one. Who
 * may and how often is checked before a byte of the body is read; nothing of a refused one is
 * stored.
 */
final class ResultPost {
  static final String PATH = "/api/results";
  private static final Logger LOG = LoggerFactory.getLogger(ResultPost.class);
  private static final int MAX_NAME = 200;
  private static final String ALL = "all";

  private final BoardStore store;
  private final Optional<WriteToken> token;
  private final Limits limits;
  private final RateLimit wrongTokens;
  private final RateLimit posts;

  /** Bodies arrive side by side; one at a time is read, since a result is then held in memory. */
  private final ReentrantLock one = new ReentrantLock();

  ResultPost(BoardStore store, Optional<WriteToken> token, Limits limits) {
    this.store = store;
    this.token = token;
    this.limits = limits;
    this.wrongTokens = new RateLimit(limits.wrongTokensPerMinute(), System::nanoTime);
    this.posts = new RateLimit(limits.postsPerMinute(), System::nanoTime);
  }

  /** A refusal with its status. */
  private static final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final int status;

    Refused(int status, String sentence) {
      super(sentence);
      this.status = status;
    }
  }

  /**
   * @param admitted called once the body is going to be read
   * @param stored called once something new is on the board
   */
  void answer(Context context, Runnable admitted, Runnable stored) {
    context.header("Cache-Control", "no-store");
    try {
      admit(context);
      admitted.run();
      take(context, stored);
    } catch (Refused e) {
      refuse(context, e.status, e.getMessage());
    } catch (BadInputException e) {
      refuse(context, 400, e.getMessage());
    }
  }

  /** The rest of the body is not read, so the connection cannot be used again. */
  private static void refuse(Context context, int status, String sentence) {
    context.header("Connection", "close");
    LOG.warn("post from {} refused ({}): {}", context.req().getRemoteAddr(), status, sentence);
    json(context, status, Json.mapper().createObjectNode().put("error", sentence));
  }

  private static void json(Context context, int status, ObjectNode body) {
    context.status(status).contentType("application/json").result(Json.pretty(body));
  }

  private void admit(Context context) {
    if (token.isEmpty()) {
      throw new Refused(
          403,
          "this board takes no posts; whoever serves it can set %s (at least %d characters)."
              .formatted(WriteToken.VARIABLE, WriteToken.MIN_CHARACTERS));
    }
    String address = context.req().getRemoteAddr();
    // Before the token is looked at: whoever guesses must not learn that a guess was right.
    OptionalLong wait = wrongTokens.wait(address);
    if (wait.isPresent()) {
      context.header("Retry-After", Long.toString(wait.getAsLong()));
      throw new Refused(
          429,
          "too many wrong tokens from this address; try again in %d seconds."
              .formatted(wait.getAsLong()));
    }
    if (!token.get().isShownIn(context.header("Authorization"))) {
      wrongTokens.take(address);
      context.header("WWW-Authenticate", "Bearer realm=\"whetstone board\"");
      throw new Refused(
          401, "expected the board's token in the header \"Authorization: Bearer …\".");
    }
    OptionalLong turn = posts.take(ALL);
    if (turn.isPresent()) {
      context.header("Retry-After", Long.toString(turn.getAsLong()));
      throw new Refused(
          429,
          "expected at most %d posts a minute; try again in %d seconds."
              .formatted(limits.postsPerMinute(), turn.getAsLong()));
    }
    if (context.req().getContentLengthLong() > limits.postBytes()) {
      throw tooLarge();
    }
  }

  private Refused tooLarge() {
    return new Refused(
        413,
        "expected at most %d bytes, found more; leave samples.arrow out of the archive."
            .formatted(limits.postBytes()));
  }

  private void take(Context context, Runnable stored) {
    String name = Optional.ofNullable(context.queryParam("name")).orElse("");
    if (name.length() > MAX_NAME) {
      throw new BadInputException(
          "name: expected at most %d characters, found %d.".formatted(MAX_NAME, name.length()));
    }
    Path work = temporaryFolder();
    try {
      Path archive = work.resolve("archive");
      Path folder = Files.createDirectory(work.resolve("result"));
      receive(context, archive);
      one.lock();
      try {
        List<String> ignored = ResultArchive.unpack(archive, folder, limits.archive());
        add(context, read(folder, name), ignored, stored);
      } finally {
        one.unlock();
      }
    } catch (IOException e) {
      throw new UncheckedIOException("a post could not be kept while it was read", e);
    } finally {
      ArtifactFolder.delete(work);
    }
  }

  private void add(Context context, Entry entry, List<String> ignored, Runnable stored) {
    boolean isNew = store.add(entry);
    if (isNew) {
      stored.run();
    }
    LOG.info("post: \"{}\" {}", entry.name(), isNew ? "added" : "was on the board already");
    ObjectNode body = Json.mapper().createObjectNode();
    body.put("name", entry.name()).put("key", entry.key()).put("added", isNew);
    ignored.forEach(body.putArray("ignored")::add);
    json(context, isNew ? 201 : 200, body);
  }

  /** Sentences name the folder on this machine, which is nobody's business. */
  private static Entry read(Path folder, String name) {
    try {
      return ResultReader.read(folder, name);
    } catch (BadInputException e) {
      throw new BadInputException(
          e.getMessage()
              .replace(folder + "/", "the archive, ")
              .replace(folder.toString(), "the archive"),
          e);
    } catch (RuntimeException e) {
      // A reader that trips over a stranger's file: ours to mend, but the post's fault nonetheless.
      LOG.warn("a post could not be read", e);
      throw new BadInputException(
          "the archive: expected the files of a result, found ones that cannot be read as such;"
              + " evaluate again.",
          e);
    }
  }

  private void receive(Context context, Path archive) throws IOException {
    try (OutputStream out = Files.newOutputStream(archive)) {
      InputStream in = context.bodyInputStream();
      byte[] block = new byte[1 << 16];
      long received = 0;
      for (int n = body(in, block); n >= 0; n = body(in, block)) {
        received += n;
        if (received > limits.postBytes()) {
          throw tooLarge();
        }
        out.write(block, 0, n);
      }
    }
  }

  private static int body(InputStream in, byte[] block) {
    try {
      return in.read(block);
    } catch (IOException e) {
      throw new Refused(400, "expected the whole body, found the connection closed or too slow.");
    }
  }

  private static Path temporaryFolder() {
    try {
      return Files.createTempDirectory("whetstone-post-");
    } catch (IOException e) {
      throw new UncheckedIOException("no temporary folder can be made", e);
    }
  }
}
