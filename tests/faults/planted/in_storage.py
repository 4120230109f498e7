"""Bugs of storage: the fence, the commit, the chain, what is flushed, what a cache is believed for."""

from tests.faults.planted.bug import Bug, tests

_LOG = "tests/contracts/test_event_log.py"
_FILES = "tests/unit/storage/test_file_system.py"

BUGS = [
    Bug(
        "the fence lets an older owner through",
        "storage/fence.py",
        "    if epoch_now != epoch:\n",
        "    if epoch_now < epoch:\n",
        tests(
            "tests/faults/test_two_owners.py::test_a_stopped_owner_that_is_continued_has_its_commit_refused"
        ),
        "'PositionConflict' != 'Fenced'",
    ),
    Bug(
        "an owner claims the log without raising its epoch",
        "storage/fence.py",
        "    epoch = meta.epoch(txn) + 1\n",
        "    epoch = max(meta.epoch(txn), 1)\n",
        tests(_LOG + "::test_every_claim_raises_the_epoch_by_one"),
        "assert [1, 1, 1] == [1, 2, 3]",
    ),
    Bug(
        "the tip record stays where it was",
        "storage/segment_writer.py",
        "        segment.meta.write_tip(txn, after)\n",
        "",
        tests(_LOG + "::test_a_reopened_log_continues_where_it_ended"),
        "another tip than this object has seen",
    ),
    Bug(
        "a successor misses what was committed after it had opened the log",
        "storage/event_log.py",
        "            self._follow_tail()\n        self.epoch = epoch\n",
        "            if epoch is None:\n                self._follow_tail()\n        self.epoch = epoch\n",
        tests(
            "tests/faults/test_two_owners.py::test_a_claim_finds_what_was_committed_to_the_segment_that_it_has_open"
        ),
        "assert 3 == 8",
    ),
    Bug(
        "a failed commit is forgotten",
        "storage/event_log.py",
        "            self._poison = str(error)\n",
        "",
        tests("tests/faults/test_failing_writes.py::test_a_file_that_may_not_grow_stops_the_log"),
        "== ['failed', 'LogPoisoned']",
    ),
    Bug(
        "the hash of the block before is not compared",
        "storage/chain_check.py",
        "    if header.prev_block_hash != before.block_hash:\n",
        "    if len(header.prev_block_hash) != len(before.block_hash):\n",
        tests("tests/faults/test_damage.py::test_a_replaced_block_breaks_the_chain_behind_it"),
        "FaultKind.CHAIN_LINK",
    ),
    Bug(
        "commits are not flushed",
        "storage/lmdb_environment.py",
        '{"sync": True,',
        '{"sync": False,',
        tests(
            "tests/faults/test_crash_states.py::test_every_acknowledgement_follows_both_flushes_of_its_commit"
        ),
        "< -1",
    ),
    Bug(
        "the name of a new segment is not made durable",
        "storage/file_system.py",
        "        return False\n    sync_directory(path.parent)\n",
        "        return False\n",
        tests(
            "tests/faults/test_crash_states.py::test_a_segment_gets_its_name_after_its_own_flushes_and_before_the_log_s"
        ),
        "NamesSync(folder=None)",
    ),
    Bug(
        "a snapshot gets its name before it is flushed",
        "storage/file_system.py",
        "        os.fsync(file.fileno())\n",
        "",
        tests(_FILES),
        "flush state.new",
    ),
    Bug(
        "the name of a snapshot is not made durable",
        "storage/file_system.py",
        "    draft.rename(path)\n    sync_directory(path.parent)\n",
        "    draft.rename(path)\n",
        tests(_FILES),
        "contains one more item: 'flush ",
    ),
    Bug(
        "a closed segment takes blocks",
        "storage/segment_writer.py",
        "        if _is_closed(txn, segment, before):\n",
        "        if segment.number < 0:\n",
        tests(_LOG + "::test_a_closed_segment_takes_no_block_even_if_the_next_could_not_be_created"),
        "DID NOT RAISE PositionConflict",
    ),
    Bug(
        "a checkpoint is believed without its block's hash",
        "storage/checkpoints.py",
        "    if LogMark.behind(block) != mark:\n",
        "    if block.header.next_offset != mark.next_offset:\n",
        tests(
            "tests/integration/storage/test_snapshot_recovery.py::test_a_snapshot_of_another_history_is_set_aside"
        ),
        "IndexError: tuple index out of range",
    ),
    Bug(
        "a checkpoint beyond the end of the log is believed",
        "storage/checkpoints.py",
        "    except OffsetNotFound:\n",
        "    except OffsetNotFound:\n        return None\n",
        tests(
            "tests/unit/storage/test_checkpoints.py::test_a_log_that_was_rolled_back_under_a_checkpoint_is_told"
        ),
        "isinstance(Checkpoint(",
    ),
    Bug(
        "only one snapshot is kept",
        "storage/snapshots.py",
        "        old = [path for _, path in self.newest_first()[KEPT:]]\n",
        "        old = [path for _, path in self.newest_first()[1:]]\n",
        tests(
            "tests/integration/storage/test_snapshot_recovery.py::test_a_damaged_snapshot_is_set_aside_and_the_one_before_is_used"
        ),
        "Recovery(begun_at=0",
    ),
    Bug(
        "the ExecIDs of an order that left memory are not kept",
        "storage/closed_orders.py",
        "        txn.cursor(self._reports).putmulti(sorted(owners))\n",
        "",
        tests(
            "tests/unit/storage/test_closed_orders.py::test_an_order_comes_back_with_its_reports_and_a_report_names_its_order"
        ),
        "assert [None, None, None, None] ==",
    ),
    Bug(
        "a follower stops at the end of a segment",
        "storage/segment_set.py",
        "                        following = block.next_segment\n                        break\n",
        "                        break\n",
        tests(_LOG + "::test_borrowed_blocks_are_the_copied_ones"),
        "Right contains",
    ),
]
