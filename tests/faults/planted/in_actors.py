"""Bugs of the roles: answers that leave too early, followers that skip, caches that are believed, reads."""

from tests.faults.planted.bug import Bug, history, tests

BUGS = [
    Bug(
        "answers leave before their commit",
        "actors/partition_loop.py",
        "            self._commit(batch)\n            self.partition.answer(batch)\n",
        "            self.partition.answer(batch)\n            self._commit(batch)\n",
        history(1),
        "VIOLATION lost",
    ),
    Bug(
        "DUPLICATE is answered before what it repeats is durable",
        "actors/roles/partition.py",
        "            batch.completed.append(task)\n",
        "            answers = task.work.answers\n"
        '            if (answers["code"] == AnswerCode.DUPLICATE).all():\n'
        "                task.deliver(answers_of(task.header, answers, self.log.epoch, 0, batch.now_ns))\n"
        "                continue\n"
        "            batch.completed.append(task)\n",
        history(32),
        "VIOLATION lost",
    ),
    Bug(
        "a frame that fills its block is answered with half of its answers",
        "actors/roles/partition.py",
        "            if not self._decide(task.work, batch):\n                return tasks[done:]\n",
        "            if not self._decide(task.work, batch):\n"
        "                batch.completed.append(task)\n"
        "                return tasks[done + 1 :]\n",
        history(1),
        "can't be understood",
    ),
    Bug(
        "time goes back",
        "actors/roles/partition.py",
        "        self._now_ns = max(self._now_ns, self._clock())\n",
        "        self._now_ns = self._clock()\n",
        history(0),
        "append time goes back",
    ),
    Bug(
        "an answer names the beginning of its block as the log's end",
        "actors/roles/partition.py",
        "        tip = batch.base + batch.block.used\n",
        "        tip = batch.base\n",
        tests(
            "tests/unit/actors/test_partition_loop.py::test_an_answer_names_the_end_of_the_log_behind_its_own_events"
        ),
        "assert np.int64(0) == ",
    ),
    Bug(
        "a recovery leaves out the last block",
        "actors/roles/partition.py",
        "        for block in self.log.blocks(found.next_offset):\n",
        "        for block in list(self.log.blocks(found.next_offset))[:-1]:\n",
        tests(
            "tests/unit/actors/roles/test_partition.py::test_an_engine_opened_again_is_in_the_state_that_it_was_left_in"
        ),
        "the fold ended before the log",
    ),
    Bug(
        "a frame of an older epoch is decided",
        "actors/partition_loop.py",
        '        if header["epoch"] not in {0, self.partition.log.epoch}:\n',
        '        if header["epoch"] > self.partition.log.epoch:\n',
        tests(
            "tests/unit/actors/test_partition_loop.py::test_a_frame_of_an_older_epoch_is_fenced_and_nothing_of_it_happens"
        ),
        "AnswerCode.FENCED",
    ),
    Bug(
        "what a dead partition left owed is not written at the next start",
        "actors/partition_loop.py",
        "        self.run(self.partition.follow_up)\n",
        "",
        tests(
            "tests/unit/actors/test_partition_loop.py::test_what_a_predecessor_left_owed_is_written_before_anything_comes"
        ),
        "assert 0 == 1",
    ),
    Bug(
        "a frame that meets the stop is forgotten",
        "actors/partition_loop.py",
        "            is_late = self._is_stopping\n",
        "            is_late = False\n",
        tests(
            "tests/unit/actors/test_partition_loop.py::test_a_frame_that_meets_the_stop_is_refused_and_not_forgotten"
        ),
        "assert [] == [<AnswerCode.NOT_READY",
    ),
    Bug(
        "a late copy of a frame is decided again",
        "actors/roles/frame_order.py",
        "place.number < known.expected and place.oldest < known.oldest\n",
        "place.number < 0\n",
        tests(
            "tests/unit/actors/roles/test_frame_order.py::test_a_copy_that_a_newer_one_has_overtaken_does_not_go_on_again"
        ),
        "refused=[])",
    ),
    Bug(
        "a projector passes over a block of one event",
        "actors/roles/projector.py",
        "        for at in range(0, len(rows), STAGING_ROWS):\n",
        "        for at in range(0, len(rows) - 1, STAGING_ROWS):\n",
        history(1),
        "are missing from the log",
    ),
    Bug(
        "a projector passes over what is left of a block that it has begun",
        "actors/roles/projector.py",
        "                self._fold_block(block, until)\n",
        "                if block.header.base_offset >= self._next_offset:\n"
        "                    self._fold_block(block, until)\n",
        tests(
            "tests/unit/actors/test_projector.py::test_stopping_in_the_middle_of_blocks_ends_in_the_same_state"
        ),
        "assert 0 == 1",
    ),
    Bug(
        "a checkpoint names the end of the log, wherever its projection stands",
        "actors/roles/projection_checkpoint.py",
        "        mark = LogMark.behind(last)\n",
        "        mark = LogMark.behind(self._log.read_block(self._log.tip_offset() - 1))\n",
        tests(
            "tests/integration/reads/test_checkpoint.py::test_a_projection_that_ends_behind_its_log_goes_on_from_where_it_stood"
        ),
        "assert (",
    ),
    Bug(
        "a snapshot is believed without the digests of its tables",
        "actors/roles/snapshots.py",
        "            if read.digests.get(name) != digest:\n",
        "            if name not in read.digests:\n",
        tests(
            "tests/integration/storage/test_snapshotter.py::test_what_reads_back_otherwise_than_it_was_written_is_not_kept"
        ),
        "DID NOT RAISE IntegrityError",
    ),
    Bug(
        "a snapshot of other code is used",
        "actors/roles/snapshots.py",
        "            if read.digests.get(name) != ours:\n",
        "            if name not in read.digests:\n",
        tests(
            "tests/integration/storage/test_snapshot_recovery.py::test_other_code_makes_a_snapshot_useless"
        ),
        "tuple index out of range",
    ),
    Bug(
        "a snapshot skips orders that the disk does not have",
        "actors/roles/recovery.py",
        "    if kept >= left:\n",
        "    if kept >= 0:\n",
        tests(
            "tests/integration/storage/test_snapshot_recovery.py::test_a_snapshot_skips_nothing_that_the_archive_lacks"
        ),
        "Recovery(begun_at=40",
    ),
    Bug(
        "a return of a lease is told before it is durable",
        "actors/roles/lease_keeper.py",
        '                of_reference += [_record(row)] * int(row["returned_offset"] < durable_next)\n',
        "                of_reference += [_record(row)]\n",
        tests("tests/properties/test_leases.py"),
        "lease_checks.Exceeded",
    ),
    Bug(
        "the view of a new projector looks fresh before anything is folded",
        "actors/roles/projector.py",
        "        self._told_next = log.tip_offset()\n",
        "        self._told_next = 0\n",
        tests(
            "tests/unit/actors/test_mapped_view.py"
            "::test_a_successor_that_has_folded_nothing_yet_says_how_much_it_lacks"
        ),
        "assert ({0: -1}, 0) ==",
    ),
    Bug(
        "a torn read of a view is accepted",
        "actors/mapped_view.py",
        "            if counters[BEGUN] < number + 2:\n",
        "            if counters[BEGUN] < number + 3:\n",
        tests("tests/unit/actors/test_mapped_view.py::test_a_view_that_is_always_being_written_is_given_up"),
        "DID NOT RAISE StaleView",
    ),
    Bug(
        "a view that lacks one's own write is taken for one that has it",
        "actors/mapped_view.py",
        "        if next_offset <= min_position:\n",
        "        if next_offset < min_position:\n",
        tests("tests/unit/actors/test_mapped_view.py::test_a_view_waits_for_a_position"),
        "DID NOT RAISE NotReady",
    ),
    Bug(
        "a publication leaves out what changed in the one before",
        "actors/view_writer.py",
        "            copy_rows(_words(source), _words(target), self._previous[name])\n",
        "",
        tests(
            "tests/unit/actors/test_mapped_view.py::test_every_copy_is_the_projectors_tables_after_every_publication"
        ),
        "AssertionError: positions",
    ),
    Bug(
        "callers who share a frame get each other's answers",
        "actors/parcels.py",
        "        for parcel, start, stop in self.slices:\n",
        "        for parcel, start, stop in reversed(self.slices):\n",
        tests("tests/unit/actors/test_delivery.py::test_callers_who_share_a_frame_get_their_own_answers"),
        "assert [[1], [4], [2, 3]] == [[1], [2], [3, 4]]",
    ),
    Bug(
        "a client believes a refusal while a copy of its frame is under way",
        "actors/delivery.py",
        "is_answered and (frame.is_alone or not _leaves_nothing(answer)):\n",
        "is_answered:\n",
        tests(
            "tests/unit/actors/test_delivery.py::test_a_command_is_refused_only_once_no_other_copy_of_it_can_be_taken"
        ),
        "assert not True",
    ),
    Bug(
        "an order that leaves memory is let go before it is on disk",
        "actors/roles/closed_archive.py",
        "            self._write(self._waiting[0])\n"
        "            # Only now: meanwhile the writer finds it here.\n"
        "            with self._guard:\n"
        "                del self._waiting[0]\n",
        "            with self._guard:\n                leaving = self._waiting.pop(0)\n"
        "            self._write(leaving)\n",
        tests("tests/unit/actors/roles/test_closed_archive.py"),
        "(False, None)",
    ),
]
