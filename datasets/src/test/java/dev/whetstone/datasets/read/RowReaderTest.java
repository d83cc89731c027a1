package dev.whetstone.datasets.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.whetstone.datasets.rows.Conversation;
import dev.whetstone.datasets.rows.Message;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RowReaderTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'messages': [{'role': 'user', 'content': 'a'}, {'role': 'assistant', 'content': 'b'}]}",
        "{'messages': [{'role': 'user', 'content': [{'type': 'text', 'text': 'a'}]},"
            + " {'role': 'assistant', 'content': 'b'}]}",
        "{'prompt': 'a', 'completion': 'b'}",
        "{'prompt': [{'role': 'user', 'content': 'a'}], 'completion': 'b'}",
        "{'instruction': 'a', 'input': '', 'output': 'b'}",
        "{'instruction': 'a', 'output': 'b'}",
        "{'conversations': [{'from': 'human', 'value': 'a'}, {'from': 'gpt', 'value': 'b'}]}"
      })
  void everyShapeBecomesTheSameTurns(String row) throws BrokenRowException {
    assertThat(read(json(row)).messages())
        .containsExactly(Message.of("user", "a"), Message.of("assistant", "b"));
  }

  @Test
  void alpacaJoinsInstructionAndInputAndKeepsItsHistory() throws BrokenRowException {
    Conversation row =
        read(
            json(
                "{'system': 's', 'instruction': 'a', 'input': 'b', 'output': 'c',"
                    + " 'history': [['x', 'y']]}"));
    assertThat(row.messages())
        .containsExactly(
            Message.of("system", "s"),
            Message.of("user", "x"),
            Message.of("assistant", "y"),
            Message.of("user", "a\nb"),
            Message.of("assistant", "c"));
  }

  @Test
  void toolsAndToolCallsStayJsonText() throws BrokenRowException {
    String tools = json("[ {'name': 'f', 'max': 1e5, 'o': {'b':1.10, 'a': '\\u00e9\\/'}}]");
    String calls = json("[{'function': {'name': 'f' ,'arguments': {'x': 1E+2}}}]");
    Conversation row =
        read(
            json("{'id': 7, 'tools': ")
                + tools
                + json(
                    ", 'messages': [{'role': 'user', 'content': 'a'},"
                        + " {'role': 'assistant', 'content': null, 'tool_calls': ")
                + calls
                + "}]}");
    assertThat(row.id()).isEqualTo("7");
    assertThat(row.tools()).isEqualTo(tools);
    assertThat(row.messages().get(1).toolCalls()).isEqualTo(calls);
  }

  @Test
  void aRowWithoutAnIdIsNamedByItsContent() throws BrokenRowException {
    String line = json("{'prompt': 'a', 'completion': 'b'}");
    assertThat(read(line).id())
        .isEqualTo(read(line).id())
        .startsWith("row-")
        .isNotEqualTo(read(line + " ").id());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'messages': [",
        "{'messages': 'text'}",
        "{'messages': ['text']}",
        "{'messages': []} trailing",
        "{'prompt': 'a'}",
        "{'prompt': 'a', 'prompt': 'b', 'completion': 'c'}",
        "{'prompt': 1, 'completion': 'c'}",
        "{'conversations': [{'from': 'martian', 'value': 'a'}]}",
        "[1]",
        "7"
      })
  void whatIsNoConversationIsBroken(String row) {
    assertThatThrownBy(() -> read(json(row))).isInstanceOf(BrokenRowException.class);
  }

  @Test
  void aCutLineStillTellsItsId() {
    assertThat(RowReader.idOf(json("{'id': 'r-7', 'messages': [{'role"))).isEqualTo("r-7");
    assertThat(RowReader.idOf("no JSON at all")).startsWith("row-");
  }

  private static Conversation read(String line) throws BrokenRowException {
    return RowReader.of(RowFormat.AUTO).read(line);
  }

  private static String json(String text) {
    return text.replace('\'', '"');
  }
}
