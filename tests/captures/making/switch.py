"""Tunnels and tags of Open vSwitch in user space, one switch a side."""
from .place import CLIENT, CLIENT6, SERVER, SERVER6, run
from .registry import scenario
from .tunnels import addresses, inside_traffic


class Switch:
    """One Open vSwitch a side, with its own database, all in user space."""

    def __init__(self, place, side):
        self.place, self.side, self.folder = place, side, place.folder / f"ovs-{side}"
        self.folder.mkdir()
        self.door = self.folder / "db.sock"
        run("ovsdb-tool", "create", self.folder / "conf.db", "/usr/share/openvswitch/vswitch.ovsschema")
        self.start("ovsdb-server", self.folder / "conf.db", f"--remote=punix:{self.door}")
        run("ovs-vsctl", f"--db=unix:{self.door}", "--no-wait", "init")
        run("ovs-vsctl", f"--db=unix:{self.door}", "--no-wait", "set", "Open_vSwitch", ".", "other_config:vlan-limit=2")
        self.start("ovs-vswitchd", f"unix:{self.door}")

    def start(self, program, *words):
        env = ["env", f"OVS_RUNDIR={self.folder}", f"OVS_LOGDIR={self.folder}", f"OVS_DBDIR={self.folder}"]
        self.place.start(self.side, *env, program, *words, f"--unixctl={self.folder}/{program}.ctl",
                         f"--pidfile={self.folder}/{program}.pid", f"--log-file={self.folder}/{program}.log", wait=0.6)

    def set(self, *words):
        run("ovs-vsctl", "--timeout=5", f"--db=unix:{self.door}", *words)

    def ctl(self, *words):
        return run("ovs-appctl", "-t", self.folder / "ovs-vswitchd.ctl", *words)

    def flow(self, bridge, rule):
        run("ovs-ofctl", "-O", "OpenFlow13", "add-flow", f"{self.folder}/{bridge}.mgmt", rule)


def switches(place, kind=None, options=(), six=False, rules=None):
    """The device c0 (s0) goes under a bridge that takes over its addresses; `tun` is the bridge with the tunnel."""
    for side, device, last, mine, other in (("client", "c0", "10", CLIENT, SERVER), ("server", "s0", "20", SERVER, CLIENT)):
        mine6, other6 = (CLIENT6, SERVER6) if side == "client" else (SERVER6, CLIENT6)
        name, switch = place.names[side], Switch(place, side)
        if kind:
            switch.set("add-br", "phy", "--", "set", "bridge", "phy", "datapath_type=netdev",
                       f"other-config:hwaddr=02:00:00:00:02:{last}", "--", "add-port", "phy", device)
            run("ip", "-n", name, "addr", "flush", "dev", device)
            place.up(side, "phy", [mine, mine6])
            switch.set("add-br", "tun", "--", "set", "bridge", "tun", "datapath_type=netdev",
                       f"other-config:hwaddr=02:00:00:00:01:{last}", "--", "add-port", "tun", "port", "--", "set",
                       "interface", "port", f"type={kind}", f"options:remote_ip={other6 if six else other}", *options)
        else:
            switch.set("add-br", "tun", "--", "set", "bridge", "tun", "datapath_type=netdev", "protocols=OpenFlow13",
                       f"other-config:hwaddr=02:00:00:00:01:{last}", "--", "add-port", "tun", device)
            run("ip", "-n", name, "addr", "flush", "dev", device)
            for rule in rules:
                switch.flow("tun", rule)
        run("ip", "netns", "exec", name, "ethtool", "-K", "tun", "tx", "off", check=False)
    addresses(place, {"client": "tun", "server": "tun"})
    if kind:
        for side, other in (("client", SERVER6 if six else SERVER), ("server", CLIENT6 if six else CLIENT)):
            run("ip", "netns", "exec", place.names[side], "ping", "-c", "2", "-i", "0.3", "-W", "1", other, check=False)


def ovs(name, shows, kind, chain, layers, options=(), six=False):
    @scenario(name, shows, f"Open vSwitch 3.1 in user space, type {kind}")
    def one(place):
        switches(place, kind, options, six)
        inside_traffic(place, chain, layers)


ovs("geneve", "Geneve over IPv4.", "geneve", ["geneve"], ["geneve"], ["options:key=42"])
ovs("geneve-ipv6", "Geneve over IPv6.", "geneve", ["geneve"], ["geneve"], ["options:key=42", "options:csum=true"], six=True)
ovs("gre-ethernet", "Ethernet in GRE, with a key.", "gre", ["gre"], ["gre"], ["options:key=42"])
ovs("gre-ethernet-ipv6", "Ethernet in GRE over IPv6.", "gre", ["gre"], ["gre"], six=True)
ovs("erspan-2", "ERSPAN type II.", "erspan", ["gre", "erspan"], ["gre", "erspan"],
    ["options:key=42", "options:erspan_ver=1", "options:erspan_idx=3"])
ovs("erspan-3", "ERSPAN type III.", "erspan", ["gre", "erspan"], ["gre", "erspan"],
    ["options:key=42", "options:erspan_ver=2", "options:erspan_dir=1", "options:erspan_hwid=4"])


def tagged(name, shows, out, back, chain, layers):
    @scenario(name, shows, "Open vSwitch 3.1 in user space, OpenFlow rules that push and pop")
    def one(place):
        rules = [f"in_port=LOCAL,actions={out},output:1"]
        rules += [f"table={table},in_port=1,vlan_tci=0x1000/0x1000,actions=pop_vlan,{then}"
                  for table, then in enumerate(back)]
        switches(place, rules=rules)
        inside_traffic(place, chain, layers, only="not ether[16:2] = 0x0806 and not ether[20:2] = 0x0806 and vlan")


tagged("vlan", "One VLAN tag.", "push_vlan:0x8100,set_field:4106->vlan_vid", ["output:LOCAL"], ["vlan"], ["vlan"])
tagged("qinq", "Two VLAN tags, the outer one a service tag (802.1ad).",
       "push_vlan:0x8100,set_field:4106->vlan_vid,push_vlan:0x88a8,set_field:4196->vlan_vid", ["goto_table:1", "output:LOCAL"],
       ["vlan", "vlan"], ["vlan", "ieee8021ad"])
