package dev.whetstone.models.text;

import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.models.text.SentencePieces.Kind;
import dev.whetstone.models.text.SentencePieces.Piece;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * Reads SentencePiece's {@code tokenizer.model}: a protocol buffer whose fields are those of
 * sentencepiece_model.proto (google/sentencepiece 0.2). No length in it is believed until there are
 * as many bytes.
 */
final class SentencePieceModel {
  // Fields of ModelProto, of a piece, of TrainerSpec and of NormalizerSpec.
  private static final int PIECES = 1;
  private static final int TRAINER = 2;
  private static final int NORMALIZER = 3;
  private static final int PIECE_TEXT = 1;
  private static final int PIECE_SCORE = 2;
  private static final int PIECE_KIND = 3;
  private static final int TRAINER_MODEL = 3;
  private static final int NORMALIZER_CHARSMAP = 2;
  private static final int NORMALIZER_PREFIX = 3;
  private static final int NORMALIZER_SPACES = 4;
  private static final int NORMALIZER_ESCAPE = 5;

  /** TrainerSpec.ModelType: 1 is unigram, the preset; 2 BPE. */
  private static final long UNIGRAM = 1;

  private static final long BPE = 2;

  private final List<Piece> pieces = new ArrayList<>();
  private long model = UNIGRAM;
  private boolean prefixSpace = true;
  private boolean singleSpaces = true;
  private String charsmap = "";

  private SentencePieceModel() {}

  /**
   * The vocabulary of a file of the kind BPE.
   *
   * @throws BadInputException if the bytes are not such a file
   */
  static SentencePieces read(byte[] bytes) {
    var model = new SentencePieceModel();
    var in = new Message(ByteBuffer.wrap(bytes));
    while (in.next()) {
      switch (in.field) {
        case PIECES -> model.piece(in.message());
        case TRAINER -> model.trainer(in.message());
        case NORMALIZER -> model.normalizer(in.message());
        default -> in.skip();
      }
    }
    if (model.pieces.isEmpty()) {
      throw fault("expected pieces, found none");
    }
    if (model.model != BPE) {
      throw fault("expected a model of the kind BPE (2), found " + model.model);
    }
    return new SentencePieces(model.pieces, model.prefixSpace, model.singleSpaces, model.charsmap);
  }

  private void piece(Message in) {
    String text = "";
    double score = 0;
    Kind kind = Kind.NORMAL;
    while (in.next()) {
      switch (in.field) {
        case PIECE_TEXT -> text = in.text();
        case PIECE_SCORE -> score = in.real();
        case PIECE_KIND -> kind = Kind.of(in.number());
        default -> in.skip();
      }
    }
    if (!Double.isFinite(score)) {
      throw fault("expected a finite score of piece " + pieces.size() + ", found " + score);
    }
    pieces.add(new Piece(text, score, kind));
  }

  private void trainer(Message in) {
    while (in.next()) {
      if (in.field == TRAINER_MODEL) {
        model = in.number();
      } else {
        in.skip();
      }
    }
  }

  private void normalizer(Message in) {
    while (in.next()) {
      switch (in.field) {
        case NORMALIZER_CHARSMAP -> {
          byte[] map = in.bytes();
          charsmap = map.length == 0 ? "" : Base64.getEncoder().encodeToString(map);
        }
        case NORMALIZER_PREFIX -> prefixSpace = in.number() != 0;
        case NORMALIZER_SPACES -> singleSpaces = in.number() != 0;
        case NORMALIZER_ESCAPE -> {
          if (in.number() == 0) {
            throw fault("expected escape_whitespaces, found none");
          }
        }
        default -> in.skip();
      }
    }
  }

  private static BadInputException fault(String sentence) {
    return new BadInputException("tokenizer.model: " + sentence + ".");
  }

  /** Fields of a message in turn (protobuf.dev, Encoding). */
  private static final class Message {
    private static final int VARINT = 0;
    private static final int FIXED64 = 1;
    private static final int BYTES = 2;
    private static final int FIXED32 = 5;

    private final ByteBuffer in;
    private int field;
    private int wire;

    Message(ByteBuffer in) {
      this.in = in.order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Moves to the next field; its value has to be read or skipped. */
    boolean next() {
      if (!in.hasRemaining()) {
        return false;
      }
      long tag = varint();
      if (tag >>> 3 == 0 || tag >>> 3 > Integer.MAX_VALUE) {
        throw damaged();
      }
      field = (int) (tag >>> 3);
      wire = (int) (tag & 7);
      return true;
    }

    long number() {
      require(VARINT);
      return varint();
    }

    double real() {
      require(FIXED32);
      need(Float.BYTES);
      return in.getFloat();
    }

    byte[] bytes() {
      ByteBuffer slice = slice();
      byte[] bytes = new byte[slice.remaining()];
      slice.get(bytes);
      return bytes;
    }

    String text() {
      try {
        return StandardCharsets.UTF_8.newDecoder().decode(slice()).toString();
      } catch (CharacterCodingException e) {
        throw damaged();
      }
    }

    Message message() {
      return new Message(slice());
    }

    void skip() {
      switch (wire) {
        case VARINT -> varint();
        case FIXED64 -> move(Long.BYTES);
        case BYTES -> slice();
        case FIXED32 -> move(Integer.BYTES);
        default -> throw damaged(); // groups, which nobody writes any more
      }
    }

    private ByteBuffer slice() {
      require(BYTES);
      long length = varint();
      if (length < 0 || length > in.remaining()) {
        throw damaged();
      }
      ByteBuffer slice = in.slice(in.position(), (int) length);
      in.position(in.position() + (int) length);
      return slice;
    }

    private long varint() {
      long value = 0;
      for (int shift = 0; shift < Long.SIZE; shift += 7) {
        need(1);
        byte b = in.get();
        value |= (b & 0x7fL) << shift;
        if (b >= 0) {
          return value;
        }
      }
      throw damaged();
    }

    private void move(int length) {
      need(length);
      in.position(in.position() + length);
    }

    private void need(int length) {
      if (in.remaining() < length) {
        throw damaged();
      }
    }

    private void require(int expected) {
      if (wire != expected) {
        throw damaged();
      }
    }

    private static BadInputException damaged() {
      return fault("expected SentencePiece's protocol buffer, found other bytes");
    }
  }
}
