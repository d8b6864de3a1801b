"""Reading a file of known values: what is understood, and what is told of what is not."""

from pathlib import Path

import pytest

from ctid.core.errors import ConfigError
from sim.theory.oracle import Rows, read
from sim.theory.service import Service

HEAD = "model,lambda,mu,theta,n,metric,value,source/how\n"


def rows(tmp_path: Path, text: str) -> Rows:
    file = tmp_path / "rows.csv"
    file.write_bytes(text.encode())
    return read(file)


@pytest.mark.parametrize(
    "text",
    [
        HEAD + "M/M/n,10,1.0,,12,P(wait),0.449,x\n",
        "\ufeff" + HEAD + "M/M/n,10,1.0,,12,P(wait),0.449,x\r\n\r\n",
        " Model , lambda,mu ,theta,n,metric,value\n M/M/n , 10 , 1.0 ,  , 12 , P(wait) , 0.449 \n",
        HEAD + ',,,,,,,\n"M/M/n","10","1","0","12.0","P(wait)","4.49e-1"\n',
        "source,value,metric,n,theta,mu,lambda,model\nx,0.449,P(wait),12,,1,10,M/M/12\n",
    ],
)
def test_one_row_in_many_ways(tmp_path: Path, text: str) -> None:
    (row,) = rows(tmp_path, text).rows
    assert (row.metric, row.value) == ("P(wait)", 0.449)
    assert (row.held.system.lam, row.held.system.mu, len(row.held.system.servers)) == (10, 1, 12)


def test_other_models_are_counted(tmp_path: Path) -> None:
    text = HEAD + "M/M/n,1,1,,3,P(wait),0.1,x\n" + 2 * "Predictive dialer,a,b,c,d,e,f,g\n"
    assert rows(tmp_path, text).passed_over == {"Predictive dialer": 2}


@pytest.mark.parametrize(
    ("model", "metric", "service"),
    [
        ("M/G/1 M/D/1", "E[W] scv=0", Service("fixed", 0)),
        ("M/G/1 M/D/1", "E[W]", Service("fixed", 0)),
        ("M/D/1", "P(W<=2)", Service("fixed", 0)),
        ("M/E3/1", "E[W]", Service("gamma", 1 / 3)),
        ("M/G/1 M/M/1", "E[Lq]", Service("exponential", 1)),
        ("M/G/1 M/E2/1", "P(wait) scv = 0.5", Service("gamma", 0.5)),
        ("M/G/1 M/E3/1", "E[W] scv=0.333", Service("gamma", 1 / 3)),
        ("M/G/1", "E[W] scv=0.3", Service("gamma", 0.3)),
        ("M/G/1 M/G/1 scv=4", "E[W]", Service("hyperexponential", 4)),
        ("M/G/1 M/G/1 scv=4", "E[W] scv=4", Service("hyperexponential", 4)),
        ("M/G/1 M/H2/1", "E[W] scv=2", Service("hyperexponential", 2)),
        ("M/G/1 M/LN/1", "E[W] scv=2", Service("lognormal", 2)),
        ("M/G/1 M/Gamma/1", "E[W] scv=2", Service("gamma", 2)),
    ],
)
def test_laws_of_service(tmp_path: Path, model: str, metric: str, service: Service) -> None:
    (row,) = rows(tmp_path, HEAD + f"{model},0.8,1,,1,{metric},1,x\n").rows
    assert row.held.system.service == service
    assert "scv" not in row.held.measure


def test_a_limit_is_many_servers_and_a_gap(tmp_path: Path) -> None:
    text = HEAD + "Halfin-Whitt limit,,1,,inf,P(wait) beta=1,0.2,x\n"
    text += "Halfin-Whitt limit,,,0.5,∞,P(wait) beta = -1,0.9,x\n"
    patient, impatient = rows(tmp_path, text).rows
    assert (patient.held.system.lam, len(patient.held.system.servers)) == (90, 100)
    assert (impatient.held.system.lam, impatient.held.system.theta) == (110, 0.5)
    assert 0.001 < abs(patient.held.gap) < 0.01
    assert 0.001 < abs(impatient.held.gap) < 0.02


@pytest.mark.parametrize(
    ("structure", "types", "servers", "takes"),
    [
        ("N-model", 2, 2, ["ab", "b"]),
        ("W-model", 3, 2, ["ab", "bc"]),
        ("M-model", 2, 3, ["a", "ab", "b"]),
        ("dedicated", 2, 2, ["a", "b"]),
        ("X-model", 2, 2, ["ab", "ab"]),
        ("chain 3x3 two-skill", 3, 3, ["ab", "bc", "ca"]),
        ("chain 3x3 three-skill", 3, 3, ["abc", "bca", "cab"]),
    ],
)
def test_structures(
    tmp_path: Path, structure: str, types: int, servers: int, takes: list[str]
) -> None:
    lam, mu = ";".join(f"{c}=0.1" for c in "abc"[:types]), "/".join("1" * servers)
    line = f"Skill-based FCFS-ALIS {structure},{lam},{mu},,{servers},E[W type a],1,x\n"
    (row,) = rows(tmp_path, HEAD + line).rows
    told = ["".join(name[-1] for name in server.takes) for server in row.held.system.servers]
    assert told == takes


def test_agents_by_their_speed(tmp_path: Path) -> None:
    text = HEAD + "M/M/4 heterogeneous SSF,1,2/1/2.0/0.5,,4,utilisation agent mu=2,0.1,x\n"
    (row,) = rows(tmp_path, text).rows
    assert [server.speed for server in row.held.system.servers] == [0.5, 1, 2, 2]
    assert row.held.measure == "utilisation agent mu=2.0"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (HEAD + "M/M/n,ten,1,,12,P(wait),0.4,x\n", "line 2"),
        (HEAD + "M/M/n,10,1,,12,P(joy),0.4,x\n", "P(joy)"),
        (HEAD + "M/M/n,10,1,0.5,12,P(wait),0.4,x\n", "theta"),
        (HEAD + "M/M/n,13,1,,12,P(wait),0.4,x\n", "cannot carry"),
        (HEAD + "M/X/9,13,1,,12,P(wait),0.4,x\n", "no row"),
        (HEAD + "M/M/n,nan,1,,12,P(wait),0.4,x\n", "lambda is 'nan'"),
        (HEAD + "M/M/n,1,,,12,P(wait),0.4,x\n", "mu is ''"),
        (HEAD + "M/M/n,1,1,,inf,P(wait),0.4,x\n", "n is 'inf'"),
        (HEAD + "M/M/n,1,1,,2.5,P(wait),0.4,x\n", "n is '2.5'"),
        (HEAD + "M/M/n,1,1,,2,P(wait),,x\n", "value is ''"),
        (HEAD + "M/M/n,1,1\n", "n is ''"),
        (HEAD + "M/M/4,1,1,,2,P(wait),0.1,x\n", "model says 4"),
        (HEAD + ",1,1,,2,P(wait),0.1,x\n", "no model"),
        (HEAD + "M/G/1 M/D/1,0.8,1,,1,E[W] scv=1,2,x\n", "scv of 0"),
        (HEAD + "M/G/1 M/G/1 scv=2,0.8,1,,1,E[W] scv=1,2,x\n", "different scv"),
        (HEAD + "M/G/1 M/G/1,0.8,1,,1,E[W],2,x\n", "needs scv"),
        (HEAD + "M/G/1 M/Z/1,0.8,1,,1,E[W] scv=1,2,x\n", "'Z'"),
        (HEAD + "M/G/1 M/H2/1,0.8,1,,1,E[W] scv=0.5,2,x\n", "at least 1"),
        (HEAD + "M/G/1 M/D/1,1.8,1,,1,E[W],2,x\n", "cannot carry"),
        (HEAD + "M/G/1 M/D/1,0.8,1,,2,E[W],2,x\n", "model says 1"),
        (HEAD + "Halfin-Whitt limit,,1,,inf,P(wait),0.4,x\n", "beta"),
        (HEAD + "Halfin-Whitt limit,,1,,inf,P(wait) beta=0,0.4,x\n", "beta must be > 0"),
        (HEAD + "Halfin-Whitt limit,,1,,12,P(wait) beta=1,0.4,x\n", "n is '12'"),
        (HEAD + "Skill-based FCFS-ALIS N-model,a=1.2;b=0.1,1/1,,2,E[W type a],1,x\n", "type a"),
        (HEAD + "Skill-based FCFS-ALIS Q-model,a=1;b=0.1,1/1,,2,E[W type a],1,x\n", "Q-model"),
        (HEAD + "Skill-based FCFS-ALIS W-model,a=1;b=0.1,1/1,,2,E[W type a],1,x\n", "3 types"),
        (HEAD + "Skill-based FCFS-ALIS chain 3x3,a=1;b=1,1/1,,2,E[W type a],1,x\n", "3x3"),
        ("model,lambda\nM/M/n,1\n", "no column mu, theta"),
        ('model,"lambda\n', "no column"),
        (HEAD + "M/M/3 heterogeneous LISF,1,1/2,,3,E[W],1,x\n", "2 servers"),
        (HEAD + "M/M/3 heterogeneous LISF,9,1/2/3,,3,E[W],1,x\n", "cannot carry"),
        (HEAD + "M/M/3 heterogeneous OLDEST,1,1/2/3,,3,E[W],1,x\n", "OLDEST"),
        (HEAD + "M/M/1 non-preemptive priority,0.2+0.3,1/1/1,,1,E[W class 1],1,x\n", "line 2"),
        (HEAD + "M/M/1 non-preemptive priority,0.2+0.3,1,,1,E[W class 3],1,x\n", "class 3"),
        (HEAD + "Skill-based FCFS-ALIS N-model,a=x,1/1,,2,E[W type a],1,x\n", "line 2"),
        (HEAD + "M/M/n/K K=ten,1,1,,2,P(block),1,x\n", "K="),
        (HEAD + "M/M/n/K K=1,1,1,,2,P(block),1,x\n", "less than its servers"),
        ("", "no column"),
        ("a,b\n1,2\n", "no column"),
    ],
)
def test_bad_file(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(ConfigError) as caught:
        rows(tmp_path, text)
    assert problem in str(caught.value)


def test_all_problems_at_once(tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    file.write_text(HEAD + "M/M/n,ten,1,,12,P(wait),1,x\nM/M/n,1,1,,2,P(joy),1,x\n")
    with pytest.raises(ConfigError) as caught:
        read(file)
    assert len(caught.value.problems) == 2


def test_another_encoding(tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    file.write_bytes(HEAD.encode() + b"M/M/n,1,1,,3,P(wait),0.1,\xff\n")
    with pytest.raises(ConfigError, match="UTF-8"):
        read(file)
