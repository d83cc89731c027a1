/** What travels between the steps: a conversation, and the reasons why a row is dropped. */
package dev.whetstone.datasets.rows;
