package dev.whetstone.datasets.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.whetstone.datasets.rows.Conversation;
import dev.whetstone.datasets.rows.Message;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RowShapesTest {
  private static final String M =
      "[{'role':'user','content':'a'},{'role':'assistant','content':'b'}]";
  private static final String BAD =
      "[{'role':'user','content':'a'},{'role':'assistant','content':'c'}]";

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'prompt': 'a', 'chosen': 'b', 'rejected': 'c'}",
        "{'prompt': [{'role':'user','content':'a'}], 'chosen':"
            + " [{'role':'assistant','content':'b'}], 'rejected': 'c'}",
        "{'prompt': 'a', 'chosen': " + M + ", 'rejected': " + BAD + "}",
        "{'chosen': " + M + ", 'rejected': " + BAD + "}",
        "{'chosen': '\\n"
            + "\\n"
            + "Human: a\\n"
            + "\\n"
            + "Assistant: b', 'rejected': '\\n"
            + "\\n"
            + "Human: a\\n"
            + "\\n"
            + "Assistant: c'}",
        "{'question': 'a', 'chosen': 'b', 'rejected': 'c'}",
        "{'instruction': 'a', 'input': '', 'chosen': 'b', 'rejected': 'c'}",
        "{'messages': [{'role':'user','content':'a'}], 'chosen':"
            + " {'role':'assistant','content':'b'}, 'rejected':"
            + " {'role':'assistant','content':'c'}}",
        "{'conversations': [{'from':'human','value':'a'}], 'chosen':"
            + " {'from':'gpt','value':'b'}, 'rejected': {'from':'gpt','value':'c'}}",
        "{'messages': " + M + ", 'rejected_response': 'c', 'label': null}",
        "{'messages': " + M + ", 'rejected_messages': " + BAD + "}",
        "{'query': 'a', 'response': 'b', 'rejected_response': 'c'}",
        "{'input': {'messages': [{'role':'user','content':'a'}], 'tools': [],"
            + " 'parallel_tool_calls': true}, 'preferred_output':"
            + " [{'role':'assistant','content':'b'}], 'non_preferred_output':"
            + " [{'role':'assistant','content':'c'}]}",
        "{'messages': "
            + M
            + ", 'rejected': [{'role':'assistant','content':'c','tool_calls':null}],"
            + " 'prompt_turns': 1}"
      })
  void everyPreferenceShapeBecomesTheSamePair(String row) throws BrokenRowException {
    assertThat(read(row))
        .isEqualTo(
            Conversation.pair(
                    List.of(Message.of("user", "a")),
                    List.of(Message.of("assistant", "b")),
                    List.of(Message.of("assistant", "c")),
                    "")
                .withId(read(row).id()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'prompt': 'a', 'completion': 'b', 'label': false}",
        "{'prompt': 'a', 'completion': 'b', 'label': 'False'}",
        "{'messages': " + M + ", 'label': false}",
        "{'conversations': [{'from':'human','value':'a'},{'from':'gpt','value':'b'}],"
            + " 'kto_tag': false}",
        "{'instruction': 'a', 'output': 'b', 'kto_tag': false}"
      })
  void everyLabelledShapeBecomesTheSameRow(String row) throws BrokenRowException {
    Conversation read = read(row);
    assertThat(read)
        .isEqualTo(
            Conversation.labelled(
                    List.of(Message.of("user", "a")),
                    List.of(Message.of("assistant", "b")),
                    false,
                    "")
                .withId(read.id()));
  }

  @Test
  void aLabelThatNamesAClassMakesNoLabelledAnswerUnlessTheRecipeSaysSo() throws BrokenRowException {
    String row = "{'messages': " + M + ", 'label': 1}";
    assertThat(read(row).label()).isNull();
    assertThat(read("kto", row).label()).isTrue();
    assertThat(read("messages", "{'messages': " + M + ", 'label': true}").label()).isNull();
  }

  @Test
  void openAiRowsKeepWeightsToolsAndTheOldFunctions() throws BrokenRowException {
    Conversation row =
        read(
            "{'messages':"
                + " [{'role':'developer','content':'s'},{'role':'user','content':'a','name':'jo'},"
                + "{'role':'assistant','content':'x','weight':0},{'role':'user','content':'b'},{'role':'assistant','content':null,'function_call':{'name':'f','arguments':'{\\'q\\':"
                + " 1.0}'}},{'role':'function','name':'f','content':'7'},{'role':'assistant','content':'y','weight':1}],"
                + " 'functions': [{'name':'f', 'parameters': {}}], 'parallel_tool_calls': false}");
    assertThat(row.messages())
        .containsExactly(
            Message.of("system", "s"),
            new Message("user", "a", "", json("{'name':'jo'}"), null),
            new Message("assistant", "x", "", "", 0.0),
            Message.of("user", "b"),
            new Message(
                "assistant",
                "",
                json("[{'type':'function','function':{'name':'f','arguments':'{\\'q\\': 1.0}'}}]"),
                "",
                null),
            new Message("tool", "7", "", json("{'name':'f'}"), null),
            new Message("assistant", "y", "", "", 1.0));
    assertThat(row.tools())
        .isEqualTo(json("[{'type':'function','function':{'name':'f', 'parameters': {}}}]"));
  }

  @Test
  void swiftCallsBecomeCallsOfTheAnswerBeforeThem() throws BrokenRowException {
    Conversation row =
        read(
            "{'messages': [{'role':'user','content':'a'},{'role':'assistant','content':'let me"
                + " see'},{'role':'tool_call','content':'{\\'name\\': \\'f\\', \\'arguments\\':"
                + " {\\'x\\': 1e5}}'},{'role':'tool_call','content':'{\\'name\\':\\'g\\'}'},"
                + "{'role':'tool_response','content':'1'},{'role':'tool_response','content':'2'},"
                + "{'role':'assistant','content':'b','loss':true}], 'tools': '[{\\'type\\':"
                + " \\'function\\'}]'}");
    assertThat(row.messages()).hasSize(5);
    assertThat(row.messages().get(1))
        .isEqualTo(
            new Message(
                "assistant",
                "let me see",
                json(
                    "[{'type':'function','function':{'name': 'f', 'arguments': {'x': 1e5}}},"
                        + "{'type':'function','function':{'name':'g'}}]"),
                "",
                null));
    assertThat(row.messages().get(4).loss()).isTrue();
    assertThat(row.tools()).isEqualTo(json("[{'type': 'function'}]"));
  }

  @Test
  void whereAListIsExpectedItsTextWillDo() throws BrokenRowException {
    Conversation row =
        read("{'messages': '" + M.replace("'", "\\'") + "', 'tools': ['{\\'a\\': 1.0}']}");
    assertThat(row.messages())
        .containsExactly(Message.of("user", "a"), Message.of("assistant", "b"));
    assertThat(row.tools()).isEqualTo(json("[{'a': 1.0}]"));
  }

  @Test
  void whatPrepareWroteIsReadAsItWas() throws BrokenRowException {
    Conversation row =
        read(
            "{'messages':"
                + " [{'role':'user','content':'a','tool_calls':null,'extra':'{\\'name\\':\\'jo\\'}','loss':null},{'role':'assistant','content':'','tool_calls':'[{\\'x\\':"
                + " 1.0}]','extra':null,'loss':false}]}");
    assertThat(row.messages())
        .containsExactly(
            new Message("user", "a", "", json("{'name':'jo'}"), null),
            new Message("assistant", "", json("[{'x': 1.0}]"), "", 0.0));
  }

  @Test
  void theTurnsThatWholeConversationsShareAreThePrompt() throws BrokenRowException {
    Conversation row =
        read(
            "{'chosen': [{'role':'user','content':'a'},{'role':'assistant','content':'b'},"
                + "{'role':'user','content':'c'},{'role':'assistant','content':'d'}],"
                + " 'rejected': [{'role':'user','content':'a'},{'role':'assistant','content':'b'},"
                + "{'role':'user','content':'x'},{'role':'assistant','content':'d'}]}");
    assertThat(row.promptTurns()).isEqualTo(2);
    assertThat(row.answer()).extracting(Message::content).containsExactly("c", "d");
    assertThat(row.rejected()).extracting(Message::content).containsExactly("x", "d");
    Conversation same = read("{'chosen': " + M + ", 'rejected': " + M + "}");
    assertThat(same.answer()).isEqualTo(same.rejected()).hasSize(1);
  }

  @Test
  void llamaFactoryRowsAreReadAsTheirEntrySays() throws BrokenRowException {
    assertThat(
            llama(
                    "{'columns':"
                        + " {'prompt':'q','query':'more','response':'r','system':'s','history':'h'}}",
                    "{'q':'a','more':'b','r':'c','s':'S','h':[['x','y']],'instruction':'not this'}")
                .messages())
        .extracting(Message::content)
        .containsExactly("S", "x", "y", "a\nb", "c");
    assertThat(
            llama(
                "{'formatting':'sharegpt','ranking':true,'columns':{'messages':'conversations',"
                    + "'chosen':'good','rejected':'bad'}}",
                "{'conversations':[{'from':'human','value':'a'}],'good':{'from':'gpt','value':'b'},"
                    + "'bad':{'from':'gpt','value':'c'}}"))
        .extracting(Conversation::messages, Conversation::rejected)
        .containsExactly(
            List.of(Message.of("user", "a"), Message.of("assistant", "b")),
            List.of(Message.of("assistant", "c")));
    Conversation kto =
        llama(
            "{'formatting':'sharegpt','columns':{'messages':'messages','kto_tag':'label'},'tags':"
                + "{'role_tag':'role','content_tag':'content','user_tag':'user','assistant_tag':'assistant'}}",
            "{'messages': " + M + ", 'label': true}");
    assertThat(kto.label()).isTrue();
    assertThat(kto.promptTurns()).isEqualTo(1);
    assertThat(
            llama(
                    "{'formatting':'sharegpt'}",
                    "{'conversations':[{'from':'human','value':'a'},{'from':'function_call','value':'{\\'name\\':"
                        + " \\'f\\'}'},{'from':'observation','value':'1'},"
                        + "{'from':'gpt','value':'b'}]}")
                .messages())
        .extracting(Message::role)
        .containsExactly("user", "assistant", "tool", "assistant");
    assertThatThrownBy(
            () ->
                llama(
                    "{'columns': {'prompt':'q','response':'r'}}",
                    "{'instruction': 'a', 'output': 'b'}"))
        .hasMessageContaining("expected q, r, as dataset_info.json has it, found the keys instr");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      value = {
        "{'messages': [{'role':'user','content':[{'type':'image_url','image_url':'x'}]}]} |"
            + " expected parts of type text, found type \"image_url\"",
        "{'messages': [{'role':'user','content':7}]} | \"content\": expected text, found a number",
        "{'messages': [{'role':'robot','content':'a'}]} | turn 1: unknown role \"robot\"",
        "{'messages': 'no list'} | not JSON at character",
        "{'messages': {'role': 'user'}} | \"messages\": expected an array, found an object",
        "{'messages': [{'role':'assistant','content':'a','weight':-0.5}]} |"
            + " \"weight\": expected true, false, 0 or a number from 1e-6 to 1e6, found a number",
        "{'messages': [{'role':'assistant','content':'a','tool_calls':{'x':1}}]} |"
            + " \"tool_calls\": expected an array, found an object",
        "{'messages': [{'role':'tool_call','content':'f()'}]} | not JSON at character",
        "{'instruction': 'a', 'output': 'b', 'history': [['x']]} | expected pairs of texts",
        "{'chosen': 'b', 'rejected': 'c'} | since no field has the prompt",
        "{'chosen': [{'role':'user','content':'a'}], 'rejected': [{'role':'user','content':'b'}]} |"
            + " begin with the same turns",
        "{'messages': [], 'rejected': [], 'prompt_turns': 3} | expected at most the 0 turns",
        "{'messages': [], 'rejected_response': 'x'} | expected turns beside the rejected ones",
        "{'text': 'a'} | expected messages, or conversations, or prompt and completion",
        "{'messages': null} | found the keys",
        "{'a': 1, 'a': 2} | Duplicate field 'a'"
      })
  void whatIsWrongIsSaid(String row, String part) {
    assertThatThrownBy(() -> read(row))
        .isInstanceOf(BrokenRowException.class)
        .hasMessageContaining(part);
  }

  private static Conversation read(String row) throws BrokenRowException {
    return RowReader.of(RowFormat.AUTO).read(json(row));
  }

  private static Conversation read(String shape, String row) throws BrokenRowException {
    return RowReader.of(new RowFormat(shape, "")).read(json(row));
  }

  private static Conversation llama(String entry, String row) throws BrokenRowException {
    return RowReader.of(new RowFormat("llama-factory", json(entry))).read(json(row));
  }

  private static String json(String text) {
    return text.replace('\'', '"');
  }
}
