package dev.whetstone.eval.result;

import dev.whetstone.artifacts.ArtifactFolder;
import dev.whetstone.artifacts.result.TokenLogProbs;
import dev.whetstone.eval.answer.Answer;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.complex.ListVector;
import org.apache.arrow.vector.complex.impl.UnionListWriter;
import org.apache.arrow.vector.ipc.ArrowStreamWriter;
import org.apache.arrow.vector.types.FloatingPointPrecision;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.arrow.vector.types.pojo.Schema;

/** Writes {@link TokenLogProbs}: a row per scored request; generated text has none. */
final class TokenLogProbsWriter {
  private static final int BATCH_ROWS = 1024;
  private static final ArrowType INT32 = new ArrowType.Int(32, true);
  private static final ArrowType FLOAT32 =
      new ArrowType.FloatingPoint(FloatingPointPrecision.SINGLE);
  private static final Schema SCHEMA =
      new Schema(
          List.of(
              field(TokenLogProbs.TASK, new ArrowType.Utf8()),
              field(TokenLogProbs.DOC_ID, INT32),
              field(TokenLogProbs.REQUEST, INT32),
              list(TokenLogProbs.TOKENS, INT32),
              list(TokenLogProbs.LOG_PROBS, FLOAT32),
              field(TokenLogProbs.GREEDY, new ArrowType.Bool())));

  private final VectorSchemaRoot root;
  private final ArrowStreamWriter stream;
  private int rows;

  private TokenLogProbsWriter(VectorSchemaRoot root, ArrowStreamWriter stream) {
    this.root = root;
    this.stream = stream;
  }

  private static Field field(String name, ArrowType type) {
    return new Field(name, FieldType.notNullable(type), null);
  }

  private static Field list(String name, ArrowType type) {
    return new Field(
        name,
        FieldType.notNullable(new ArrowType.List()),
        List.of(new Field("item", FieldType.notNullable(type), null)));
  }

  static void write(Path file, List<TaskResult> results) {
    try (var allocator = new RootAllocator();
        var root = VectorSchemaRoot.create(SCHEMA, allocator);
        OutputStream out = Files.newOutputStream(file);
        var stream = new ArrowStreamWriter(root, null, Channels.newChannel(out))) {
      stream.start();
      var writer = new TokenLogProbsWriter(root, stream);
      for (TaskResult result : results) {
        for (int i = 0; i < result.documents().size(); i++) {
          List<Answer> answers = result.answers().documents().get(i);
          for (int request = 0; request < answers.size(); request++) {
            if (!answers.get(request).logProbs().isEmpty()) {
              writer.add(
                  result.task().name(),
                  result.documents().get(i).docId(),
                  request,
                  answers.get(request));
            }
          }
        }
      }
      writer.flush();
      stream.end();
    } catch (IOException e) {
      throw ArtifactFolder.surroundings(file, e);
    }
  }

  private void add(String task, int docId, int request, Answer answer) throws IOException {
    byte[] name = task.getBytes(StandardCharsets.UTF_8);
    ((VarCharVector) root.getVector(TokenLogProbs.TASK)).setSafe(rows, name);
    ((IntVector) root.getVector(TokenLogProbs.DOC_ID)).setSafe(rows, docId);
    ((IntVector) root.getVector(TokenLogProbs.REQUEST)).setSafe(rows, request);
    ((BitVector) root.getVector(TokenLogProbs.GREEDY)).setSafe(rows, answer.greedy() ? 1 : 0);
    UnionListWriter tokens = ((ListVector) root.getVector(TokenLogProbs.TOKENS)).getWriter();
    tokens.setPosition(rows);
    tokens.startList();
    answer.tokens().forEach(token -> tokens.integer().writeInt(token));
    tokens.endList();
    UnionListWriter logProbs = ((ListVector) root.getVector(TokenLogProbs.LOG_PROBS)).getWriter();
    logProbs.setPosition(rows);
    logProbs.startList();
    answer.logProbs().forEach(logProb -> logProbs.float4().writeFloat4(logProb));
    logProbs.endList();
    rows++;
    if (rows == BATCH_ROWS) {
      flush();
    }
  }

  private void flush() throws IOException {
    root.setRowCount(rows);
    stream.writeBatch();
    root.clear();
    rows = 0;
  }
}
