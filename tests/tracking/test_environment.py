import subprocess

from seedbed.tracking.environment import commit, environment_tags, versions


def test_versions_name_what_decides_a_result():
    assert {"python", "keras", "numpy"} <= set(versions())


def test_a_folder_without_git_has_no_commit(tmp_path, capfd):
    assert commit(tmp_path) == ""
    assert "seedbed.commit" not in environment_tags("cpu", tmp_path)
    assert capfd.readouterr() == ("", "")


def test_a_changed_checkout_is_marked(tmp_path):
    def git(*words):
        subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@b", *words], cwd=tmp_path, check=True)

    git("init", "-q")
    (tmp_path / "file").write_text("1")
    git("add", "file")
    git("commit", "-qm", "first")
    clean = commit(tmp_path)
    assert len(clean) == 40
    (tmp_path / "file").write_text("2")
    tags = environment_tags("cpu", tmp_path)
    assert tags["seedbed.commit"] == f"{clean}-dirty"
    assert tags["mlflow.source.git.commit"] == clean
    assert tags["seedbed.device"] == "cpu"
